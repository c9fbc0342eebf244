import { finite, fixed, optional, positive, required, whole } from "../common/options.ts";
import { schedule } from "./core/closed-form.ts";

/**
 * Up from 0 over `warmup` steps, then down as 1 / √k: the transformer's (Vaswani et al. 2017) as HuggingFace has it, which reaches `peak`
 * at k = warmup. The larger the `timescale`, the slower the decay; default: `warmup` or, without one, 10,000.
 */
export const inverseSqrtDecay = /* @__PURE__ */ schedule({
  name: "inverseSqrtDecay",
  kernel: "inverseSqrtDecay",
  formula: "peak · k / warmup, then peak · √(timescale / (k − warmup + timescale))",
  options: { peak: required(finite(0)), warmup: fixed(whole(0)), timescale: optional(positive(0)) },
  scalars: ["peak", "warmup", "timescale"],
  constants({ peak, warmup, timescale = warmup || 10_000 }, c) {
    c.peak = peak;
    c.warmup = warmup;
    c.timescale = timescale;
  },
  at: (k, { peak, warmup, timescale }) =>
    peak * (k < warmup ? k / warmup : Math.sqrt(timescale / (k - warmup + timescale))),
});
