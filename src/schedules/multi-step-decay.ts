import { finite, milestones, positive, required } from "../common/options.ts";
import { log2 } from "../math/log2.ts";
import { powOfLog2 } from "../math/pow.ts";
import { schedule } from "./core/closed-form.ts";

/**
 * init · rate^(number of milestones ≤ k): torch's MultiStepLR in closed form. A new value holds from its milestone on; Keras keeps the
 * old one there, timm changes one index earlier.
 */
export const multiStepDecay = /* @__PURE__ */ schedule({
  name: "multiStepDecay",
  kernel: "multiStepDecay",
  formula: "init · rate^(number of milestones ≤ k)",
  options: { init: required(finite(0)), rate: required(positive(0)), milestones: milestones() },
  scalars: ["init", "hi", "lo"],
  constants({ init, rate }, c) {
    c.init = init;
    // 0 times a power that overflows would be NaN.
    log2(init === 0 ? 1 : rate, c);
  },
  list: ({ milestones }) => milestones,
  at(k, { init, hi, lo }, milestones) {
    let passed = 0;
    while (passed < milestones.length && milestones[passed] <= k) passed++;
    return init * powOfLog2(hi, lo, passed);
  },
});
