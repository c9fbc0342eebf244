import { ofMeanOverRoot } from "../common/bearing.ts";
import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { correction } from "../math/power.ts";

/**
 * Adan (Xie et al. 2022): Adam with Nesterov's look-ahead made from the mean change of the gradients, and a second moment of the
 * gradient so extrapolated.
 *
 * Follows the authors' adan.py with its default, proximal decay: the parameter is divided by 1 + lr · weightDecay after the update. The
 * betas are as there, near 1; optax weighs the change by 1 − beta2 instead of beta2 and takes other trajectories.
 *
 * Memory in f32: 16 bytes of state a parameter; a step moves 44.
 */
export const adan = /* @__PURE__ */ optimizer({
  name: "adan",
  source: "Xie et al. 2022",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.98),
    beta2: fraction(0.92),
    beta3: fraction(0.99),
    eps: divisor(nonNegative(1e-8)),
    ...decoupledDecay(0),
    cautious: flag(false),
  },
  decayKind: "decoupled",
  slots: () => ["exp_avg", "exp_avg_diff", "exp_avg_sq", "neg_pre_grad"],
  kernel: () => "adan",
  scalars: ["rate", "ahead", "beta1", "keep1", "beta2", "keep2", "beta3", "keep3", "eps", "shrink"],
  // What is squared is a gradient with its change, of twice its size, or less.
  bears: (range, { lr, beta1, beta2, beta3, eps }) =>
    ofMeanOverRoot(range, { lr, beta1: Math.max(beta1, beta2), beta2: beta3, eps }) / 4,

  constants({ lr, beta1, beta2, beta3, eps, decay }, t, c) {
    // The first gradient has no predecessor, so nothing may come of its change.
    const first = t === 1;
    // The second moment's correction is taken out of the root: one multiplication less an element.
    const root = Math.sqrt(correction(beta3, t));
    c.rate = (lr * root) / correction(beta1, t);
    c.ahead = (lr * beta2 * root) / correction(beta2, t);
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.beta2 = first ? 0 : beta2;
    c.keep2 = first ? 0 : 1 - beta2;
    c.beta3 = beta3;
    c.keep3 = 1 - beta3;
    c.eps = eps * root;
    c.shrink = 1 / (1 + decay);
  },

  update({ p, g, exp_avg, exp_avg_diff, exp_avg_sq, neg_pre_grad }, c, round) {
    const { rate, ahead, beta1, keep1, beta2, keep2, beta3, keep3, eps, shrink } = c;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const change = round(grad + neg_pre_grad[i]);
      const mean = round(round(beta1 * exp_avg[i]) + round(keep1 * grad));
      const trend = round(round(beta2 * exp_avg_diff[i]) + round(keep2 * change));
      const forecast = round(grad + round(beta2 * change));
      const square = round(round(beta3 * exp_avg_sq[i]) + round(round(keep3 * forecast) * forecast));
      exp_avg[i] = mean;
      exp_avg_diff[i] = trend;
      exp_avg_sq[i] = square;
      neg_pre_grad[i] = -grad;
      const direction = round(round(rate * mean) + round(ahead * trend));
      const denominator = round(round(Math.sqrt(square)) + eps);
      p[i] = round(p[i] - round(direction / denominator)) * shrink;
    }
  },
});
