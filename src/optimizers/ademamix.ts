import { ofMeanOverRoot } from "../common/bearing.ts";
import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { correction } from "../math/power.ts";

/**
 * AdEMAMix (Pagliardini, Ablin & Grangier 2024): AdamW along a fast mean of the gradients and, `alpha` times, a very slow one.
 *
 * Follows the authors' ademamix.py; the slow mean is not corrected. `alpha` and `beta3` can be schedules, as all numbers can: the
 * paper warms both up, which matters for beta3 0.9999. `alpha` 5 is the paper's. optax is the same; pytorch_optimizer adds weight decay to
 * the gradient unless it is told otherwise.
 *
 * Memory in f32: 12 bytes of state a parameter; a step moves 36.
 */
export const ademamix = /* @__PURE__ */ optimizer({
  name: "ademamix",
  source: "Pagliardini, Ablin & Grangier 2024",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    beta3: fraction(0.9999),
    alpha: nonNegative(5),
    eps: divisor(nonNegative(1e-8)),
    ...decoupledDecay(0),
    cautious: flag(false),
  },
  decayKind: "decoupled",
  slots: () => ["exp_avg_fast", "exp_avg_slow", "exp_avg_sq"],
  kernel: () => "ademamix",
  scalars: ["fast", "slow", "beta1", "keep1", "beta2", "keep2", "beta3", "keep3", "root", "eps", "shrink"],
  bears: (range, { lr, beta1, beta2, beta3, alpha, eps }) =>
    ofMeanOverRoot(range, { lr: lr * (1 + alpha), beta1: Math.max(beta1, beta3), beta2, eps }),

  constants({ lr, beta1, beta2, beta3, alpha, eps, decay }, t, c) {
    c.fast = lr / correction(beta1, t);
    c.slow = lr * alpha;
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.beta2 = beta2;
    c.keep2 = 1 - beta2;
    c.beta3 = beta3;
    c.keep3 = 1 - beta3;
    c.root = 1 / Math.sqrt(correction(beta2, t));
    c.eps = eps;
    c.shrink = 1 - decay;
  },

  update({ p, g, exp_avg_fast, exp_avg_slow, exp_avg_sq }, c, round) {
    const { fast, slow, beta1, keep1, beta2, keep2, beta3, keep3, root, eps, shrink } = c;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const quick = round(round(beta1 * exp_avg_fast[i]) + round(keep1 * grad));
      const mean = round(round(beta3 * exp_avg_slow[i]) + round(keep3 * grad));
      const square = round(round(beta2 * exp_avg_sq[i]) + round(round(keep2 * grad) * grad));
      exp_avg_fast[i] = quick;
      exp_avg_slow[i] = mean;
      exp_avg_sq[i] = square;
      const direction = round(round(fast * quick) + round(slow * mean));
      const denominator = round(round(round(Math.sqrt(square)) * root) + eps);
      p[i] = round(shrink * p[i]) - round(direction / denominator);
    }
  },
});
