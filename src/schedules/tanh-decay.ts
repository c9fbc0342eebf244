import { finite, fixed, positive, required } from "../common/options.ts";
import { exp2 } from "../math/exp2.ts";
import { lerp } from "../math/lerp.ts";
import { after } from "./core/after.ts";
import { schedule } from "./core/closed-form.ts";

/** 2 / ln 2 */
const SCALE = 2.8853900817779268;

/**
 * Along a hyperbolic tangent from `lower` to `upper` (Hsueh et al. 2018), as timm's TanhLRScheduler. It neither starts at `init` nor ends
 * at `end`: with the defaults it is 8e-7 of the way below the one and 0.2 % above the other.
 */
export const tanhDecay = /* @__PURE__ */ schedule({
  name: "tanhDecay",
  kernel: "tanhDecay",
  formula: "end + (init − end) · (½ − ½ tanh(lower + (upper − lower) · min(k, steps) / steps))",
  options: {
    init: required(finite(0)),
    end: fixed(finite(0)),
    steps: required(positive(0)),
    lower: fixed(finite(-7)),
    upper: fixed(finite(3)),
    after: after(),
  },
  scalars: ["steps", "init", "end", "lower", "upper"],
  constants({ init, end, steps, lower, upper }, c) {
    c.steps = steps;
    c.init = init;
    c.end = end;
    c.lower = lower * SCALE;
    c.upper = upper * SCALE;
  },
  after: ({ after }) => after,
  // ½ − ½ tanh(x) = 1 / (1 + e^2x), where nothing cancels.
  at: (k, { steps, init, end, lower, upper }) => lerp(init, end, 1 / (1 + exp2(lerp(upper, lower, k / steps)))),
});
