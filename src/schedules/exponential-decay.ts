import { finite, fixed, flag, optional, positive, required } from "../common/options.ts";
import { log2 } from "../math/log2.ts";
import { powOfLog2 } from "../math/pow.ts";
import { schedule } from "./core/closed-form.ts";

/**
 * init · rate^(k / steps), the exponent floored if `staircase`: optax's and Keras's ExponentialDecay, and with `steps` 1 torch's
 * ExponentialLR. `end` bounds it as in optax: from below if rate < 1, else from above.
 */
export const exponentialDecay = /* @__PURE__ */ schedule({
  name: "exponentialDecay",
  kernel: "exponentialDecay",
  formula: "init · rate^(k / steps), floored exponent if staircase, bounded by end",
  options: {
    init: required(finite(0)),
    rate: required(positive(0)),
    steps: fixed(positive(1)),
    staircase: flag(false),
    end: optional(finite(0)),
  },
  scalars: ["init", "hi", "lo", "steps", "staircase", "floor", "ceiling"],
  constants({ init, rate, steps, staircase, end }, c) {
    c.init = init;
    // 0 times a power that overflows would be NaN.
    log2(init === 0 ? 1 : rate, c);
    c.steps = steps;
    c.staircase = staircase ? 1 : 0;
    c.floor = rate < 1 ? (end ?? -Infinity) : -Infinity;
    c.ceiling = rate < 1 ? Infinity : (end ?? Infinity);
  },
  at(k, { init, hi, lo, steps, staircase, floor, ceiling }) {
    const exponent = staircase === 0 ? k / steps : Math.floor(k / steps);
    return Math.min(Math.max(init * powOfLog2(hi, lo, exponent), floor), ceiling);
  },
});
