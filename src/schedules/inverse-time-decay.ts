import { finite, fixed, flag, nonNegative, positive, required } from "../common/options.ts";
import { schedule } from "./core/closed-form.ts";

/** init / (1 + rate · k / steps), the quotient k / steps floored if `staircase`: Keras's InverseTimeDecay, the "time-based decay". */
export const inverseTimeDecay = /* @__PURE__ */ schedule({
  name: "inverseTimeDecay",
  kernel: "inverseTimeDecay",
  formula: "init / (1 + rate · k / steps), floored quotient if staircase",
  options: {
    init: required(finite(0)),
    rate: required(nonNegative(0)),
    steps: fixed(positive(1)),
    staircase: flag(false),
  },
  scalars: ["init", "rate", "steps", "staircase"],
  constants({ init, rate, steps, staircase }, c) {
    c.init = init;
    c.rate = rate;
    c.steps = steps;
    c.staircase = staircase ? 1 : 0;
  },
  at: (k, { init, rate, steps, staircase }) =>
    init / (1 + rate * (staircase === 0 ? k / steps : Math.floor(k / steps))),
});
