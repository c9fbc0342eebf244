import { count, finite, positive, required } from "../common/options.ts";
import { log2 } from "../math/log2.ts";
import { powOfLog2 } from "../math/pow.ts";
import { schedule } from "./core/closed-form.ts";

/** init · rate^⌊k / every⌋: torch's StepLR in closed form. A new value holds from k = every on. */
export const stepDecay = /* @__PURE__ */ schedule({
  name: "stepDecay",
  kernel: "exponentialDecay",
  formula: "init · rate^⌊k / every⌋",
  options: { init: required(finite(0)), rate: required(positive(0)), every: required(count()) },
  scalars: ["init", "hi", "lo", "every", "staircase", "floor", "ceiling"],
  constants({ init, rate, every }, c) {
    c.init = init;
    // 0 times a power that overflows would be NaN.
    log2(init === 0 ? 1 : rate, c);
    c.every = every;
    c.staircase = 1;
    c.floor = -Infinity;
    c.ceiling = Infinity;
  },
  // k / every is rounded, but for k < 2^53 never up to the next whole number.
  at: (k, { init, hi, lo, every }) => init * powOfLog2(hi, lo, Math.floor(k / every)),
});
