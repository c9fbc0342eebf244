import { ofMeanOverRoot } from "../common/bearing.ts";
import { divisor, fixed, flag, fraction, limit, nonNegative, positive, ungrouped } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { axpby } from "../engine/pipeline.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { dotOverRoot, magnitudes } from "../ops/reduce.ts";
import { corrections, moments } from "./adam.ts";

/**
 * D-Adaptation for Adam (Defazio & Mishchenko 2023): Adam that finds its lr. What multiplies `lr` is `d`, an estimate from below of the
 * distance to the solution, from the dot products of gradients with their weighted sum so far; it never shrinks, and `carried()` shows it.
 *
 * Follows the authors' dadapt_adam.py 3.2. `lr` scales the estimate and should be 1 or a schedule that ends there or begins there; a group
 * with an lr of its own, which theirs allows at 0 only, takes part with steps so much longer or shorter. `growthRate` is the most by which
 * d grows in a step. optax's has decoupled weight decay only, and always corrects the moments for their start, as `useBiasCorrection` does.
 *
 * Memory in f32: 12 bytes of state a parameter; a step moves 72.
 */
export const dadaptAdam = /* @__PURE__ */ optimizer({
  name: "dadaptAdam",
  source: "Defazio & Mishchenko 2023",
  options: {
    lr: nonNegative(1),
    beta1: fraction(0.9),
    beta2: ungrouped(fraction(0.999)),
    eps: divisor(positive(1e-8)),
    ...decoupledDecay(0),
    decoupledWeightDecay: flag(false),
    d0: ungrouped(fixed(positive(1e-6))),
    growthRate: ungrouped(limit()),
    useBiasCorrection: ungrouped(flag(false)),
    cautious: flag(false),
  },
  decayKind: ({ decoupledWeightDecay }) => (decoupledWeightDecay ? "decoupled" : "coupled"),
  slots: () => ["exp_avg", "exp_avg_sq", "s"],
  kernel: ({ decoupledWeightDecay }) => (decoupledWeightDecay ? "adamw" : "adam"),
  scalars: moments.scalars,
  carry: { d: 0, d_prev: 0, numerator_weighted: 0 },

  globalStats: {
    sums: ["numerator", "denominator"],
    moved: 8 + 12 + 12 + 4,

    bind({ backend, dtype }, { g, s, exp_avg_sq }, mix, { d0, useBiasCorrection }) {
      const accumulate = axpby(backend, dtype, s, g, s, mix);
      return ({ lr, beta1, beta2, eps }, t, sums, carry) => {
        const d = carry.d || d0;
        const rate = d * lr * (useBiasCorrection ? corrections(beta1, beta2, t) : 1);
        const keep = Math.sqrt(beta2);
        mix.scale = eps;
        sums.numerator += rate * backend.reduce(dotOverRoot, g, s, exp_avg_sq, mix.values);
        mix.scale = rate * (1 - keep);
        mix.decay = keep;
        accumulate();
        sums.denominator += backend.reduce(magnitudes, s);
      };
    },

    finish({ beta2, growthRate }, _, { numerator, denominator }, carry, { d0 }) {
      const d = carry.d || d0;
      const keep = Math.sqrt(beta2);
      carry.d_prev = d;
      carry.d = d;
      // Nothing but zeros has been seen.
      if ((1 - keep) * denominator === 0) return;
      carry.numerator_weighted = keep * carry.numerator_weighted + (1 - keep) * numerator;
      const estimate = carry.numerator_weighted / ((1 - keep) * denominator);
      carry.d = Math.max(d, Math.min(estimate, d * growthRate));
    },
  },
  // The mean, and the sum `s`, take the gradient d · lr times.
  bears(range, { lr, beta1, beta2, eps }, { d }, { d0 }) {
    const taken = (lr * (d || d0)) / (1 - beta1);
    return (
      Math.min(ofMeanOverRoot(range, { lr: taken, beta1, beta2, eps }), range.norm * Math.sqrt(Math.min(1, eps))) /
      Math.max(1, taken)
    );
  },

  constants({ lr, beta1, beta2, eps, decay }, t, c, { d_prev }, { useBiasCorrection, decay: mode }) {
    const step = d_prev * (useBiasCorrection ? corrections(beta1, beta2, t) : 1);
    c.rate = 1;
    c.beta1 = beta1;
    // The lr is in the mean, so that an old gradient keeps the one of its time.
    c.keep1 = lr * step * (1 - beta1);
    c.beta2 = beta2;
    c.keep2 = 1 - beta2;
    c.root = 1;
    c.eps = eps;
    c.shrink = 1 - (mode === "lr" ? step : 1) * decay;
  },

  update: moments.update,
});
