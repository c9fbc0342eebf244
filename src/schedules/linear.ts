import { finite, positive, required } from "../common/options.ts";
import { lerp } from "../math/lerp.ts";
import { after } from "./core/after.ts";
import { schedule } from "./core/closed-form.ts";

/** A straight line from `init` to `end`, up or down: torch's LinearLR, optax's linear_schedule. A polynomialDecay of power 1. */
export const linear = /* @__PURE__ */ schedule({
  name: "linear",
  kernel: "polynomialDecay",
  formula: "init + (end − init) · min(k, steps) / steps",
  options: { init: required(finite(0)), end: required(finite(0)), steps: required(positive(0)), after: after() },
  scalars: ["steps", "init", "end", "power", "cycle", "rising"],
  constants({ init, end, steps }, c) {
    c.steps = steps;
    c.init = init;
    c.end = end;
    c.power = 1;
    c.cycle = 0;
    c.rising = 0;
  },
  after: ({ after }) => after,
  at: (k, { steps, init, end }) => lerp(init, end, 1 - k / steps),
});
