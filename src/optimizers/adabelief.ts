import { ofMeanOverRoot } from "../common/bearing.ts";
import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { correction } from "../math/power.ts";

/**
 * AdaBelief (Zhuang et al. 2020): Adam whose divisor is the spread of the gradients about their mean: long steps where the mean predicts
 * them.
 *
 * Follows the authors' AdaBelief.py (adabelief-pytorch 0.2) without its rectification, which is on by default there and in timm: `eps` is
 * added to the variance at every step, and to the root. optax calls the first `eps_root`, and has no weight decay.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const adabelief = /* @__PURE__ */ optimizer({
  name: "adabelief",
  source: "Zhuang et al. 2020",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-16)),
    ...decoupledDecay(0),
    cautious: flag(false),
  },
  decayKind: "decoupled",
  slots: () => ["exp_avg", "exp_avg_var"],
  kernel: () => "adabelief",
  scalars: ["rate", "beta1", "keep1", "beta2", "keep2", "root", "eps", "shrink"],
  // What is squared is how far a gradient is from the mean, and the variance does not fall below eps.
  bears: (range, hyper) => ofMeanOverRoot(range, hyper) / 2,

  constants({ lr, beta1, beta2, eps, decay }, t, c) {
    c.rate = lr / correction(beta1, t);
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.beta2 = beta2;
    c.keep2 = 1 - beta2;
    c.root = 1 / Math.sqrt(correction(beta2, t));
    c.eps = eps;
    c.shrink = 1 - decay;
  },

  update({ p, g, exp_avg, exp_avg_var }, c, round) {
    const { rate, beta1, keep1, beta2, keep2, root, eps, shrink } = c;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const mean = round(round(beta1 * exp_avg[i]) + round(keep1 * grad));
      exp_avg[i] = mean;
      const surprise = round(grad - mean);
      const spread = round(round(beta2 * exp_avg_var[i]) + round(round(keep2 * surprise) * surprise));
      const variance = round(spread + eps);
      exp_avg_var[i] = variance;
      const denominator = round(round(round(Math.sqrt(variance)) * root) + eps);
      p[i] = round(shrink * p[i]) - round(round(rate * mean) / denominator);
    }
  },
});
