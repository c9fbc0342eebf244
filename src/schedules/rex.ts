import { finite, fixed, positive, required } from "../common/options.ts";
import { lerp } from "../math/lerp.ts";
import { after } from "./core/after.ts";
import { schedule } from "./core/closed-form.ts";

/** Reflected exponential: slow at first, then faster than a line, from `init` to `end` (Chen, Wolfe & Kyrillidis 2021). */
export const rex = /* @__PURE__ */ schedule({
  name: "rex",
  kernel: "rex",
  formula: "end + (init − end) · (1 − q) / (1 − q / 2), q = min(k, steps) / steps",
  options: { init: required(finite(0)), end: fixed(finite(0)), steps: required(positive(0)), after: after() },
  scalars: ["steps", "init", "end"],
  constants({ init, end, steps }, c) {
    c.steps = steps;
    c.init = init;
    c.end = end;
  },
  after: ({ after }) => after,
  at(k, { steps, init, end }) {
    const q = k / steps;
    return lerp(init, end, (1 - q) / (1 - q * 0.5));
  },
});
