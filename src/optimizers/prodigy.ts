import { ofMeanOverRoot, pileOf, ranges } from "../common/bearing.ts";
import {
  divisor,
  fixed,
  flag,
  fraction,
  limit,
  nonNegative,
  optional,
  positive,
  ungrouped,
} from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { axpby } from "../engine/pipeline.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { dotWithGap, magnitudes } from "../ops/reduce.ts";
import { corrections, moments } from "./adam.ts";

/**
 * Prodigy (Mishchenko & Defazio 2023): AdamW that finds its lr. What multiplies `lr` is `d`, an estimate from below of the distance to the
 * solution, from the dot products of gradients with the way come since the first step; `carried()` shows it.
 *
 * Follows the authors' prodigy.py 1.1. `lr` scales the estimate and should be 1 or a schedule that ends there or begins there; a group with
 * an lr of its own, which theirs allows at 0 only, takes part with steps so much longer or shorter. `beta3` is √beta2 unless given; `dCoef`
 * scales d, `growthRate` is the most by which it grows in a step after the first in which it does, and `safeguardWarmup` keeps the lr out
 * of its denominator. The parameters count from what they are at the first step. At an lr of 0 theirs keeps the moments as they are. There
 * is no slice_p: the estimate is made of every element, as by default there. optax always corrects the moments for their start, as
 * `useBiasCorrection` does.
 *
 * Memory in f32: 16 bytes of state a parameter; a step moves 80.
 */
export const prodigy = /* @__PURE__ */ optimizer({
  name: "prodigy",
  source: "Mishchenko & Defazio 2023",
  options: {
    lr: nonNegative(1),
    beta1: fraction(0.9),
    beta2: ungrouped(fraction(0.999)),
    beta3: ungrouped(optional(fraction(0))),
    eps: divisor(nonNegative(1e-8)),
    ...decoupledDecay(0),
    decoupledWeightDecay: flag(true),
    d0: ungrouped(fixed(positive(1e-6))),
    dCoef: ungrouped(positive(1)),
    growthRate: ungrouped(limit()),
    useBiasCorrection: ungrouped(flag(false)),
    safeguardWarmup: ungrouped(flag(false)),
    cautious: flag(false),
  },
  decayKind: ({ decoupledWeightDecay }) => (decoupledWeightDecay ? "decoupled" : "coupled"),
  slots: () => ["exp_avg", "exp_avg_sq", "s", "p0"],
  kernel: ({ decoupledWeightDecay }) => (decoupledWeightDecay ? "adamw" : "adam"),
  scalars: moments.scalars,
  carry: { d: 0, d_prev: 0, d_max: 0, d_numerator: 0 },

  globalStats: {
    sums: ["numerator", "denominator"],
    moved: 8 + 12 + 12 + 4,

    bind({ backend, dtype }, { p, g, s, p0 }, mix, options) {
      const { d0, beta3, useBiasCorrection, safeguardWarmup } = options;
      const remember = axpby(backend, dtype, p0, p, p, mix);
      const accumulate = axpby(backend, dtype, s, g, s, mix);
      return ({ lr, beta1, beta2 }, t, sums, carry) => {
        if (t === 1) {
          mix.scale = 1;
          mix.decay = 0;
          remember();
        }
        const d = carry.d || d0;
        const rate = d * lr * (useBiasCorrection ? corrections(beta1, beta2, t) : 1);
        // Over d0, or the sums would be too small.
        const weight = d / d0;
        sums.numerator += weight * rate * backend.reduce(dotWithGap, g, p0, p);
        mix.scale = weight * (safeguardWarmup ? d : rate);
        mix.decay = beta3 ?? Math.sqrt(beta2);
        accumulate();
        sums.denominator += backend.reduce(magnitudes, s);
      };
    },

    finish({ beta2, dCoef, growthRate }, _, { numerator, denominator }, carry, { d0, beta3 }) {
      const d = carry.d || d0;
      carry.d_prev = d;
      carry.d = d;
      // Nothing but zeros has been seen.
      if (denominator === 0) return;
      carry.d_numerator = (beta3 ?? Math.sqrt(beta2)) * carry.d_numerator + numerator;
      const estimate = (dCoef * carry.d_numerator) / denominator;
      carry.d_max = Math.max(carry.d_max, d0, estimate);
      carry.d = Math.min(carry.d_max, (d === d0 ? Math.max(d, estimate) : d) * growthRate);
    },
  },
  // The moments take the gradient d times, and the sum `s` d · lr / d0 times that.
  bears(range, { lr, beta1, beta2, eps }, carry, { d0, beta3 }) {
    const d = carry.d || d0;
    const pile = pileOf(beta3 ?? Math.sqrt(beta2), range) / (1 - beta1);
    const moments = ofMeanOverRoot(range, { lr: lr * d, beta1, beta2, eps: d * eps });
    const sum = range.mean / (pile * (d / d0) * d * Math.max(1, lr));
    return Math.min(moments / d, sum, range.norm / Math.max(1, d));
  },

  constants({ lr, beta1, beta2, eps, decay }, t, c, { d, d_prev }, { useBiasCorrection, decay: mode }, dtype) {
    const step = d_prev * (useBiasCorrection ? corrections(beta1, beta2, t) : 1);
    c.rate = lr * step;
    c.beta1 = beta1;
    c.keep1 = d_prev * (1 - beta1);
    c.beta2 = beta2;
    c.keep2 = d_prev * d_prev * (1 - beta2);
    c.root = 1;
    c.eps = Math.max(d * eps, ranges[dtype].least);
    c.shrink = 1 - (mode === "lr" ? step : 1) * decay;
  },

  update: moments.update,
});
