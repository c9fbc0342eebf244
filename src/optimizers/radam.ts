import { ofMeanOverRoot } from "../common/bearing.ts";
import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { correction } from "../math/power.ts";

/**
 * RAdam (Liu et al. 2019): Adam that goes without its second moment until that has seen enough gradients for its variance to be finite,
 * and is scaled by how much it has seen from then on.
 *
 * Follows torch.optim.RAdam: rectified where ρ > 5, at beta2 0.999 from step 6 on; `eps` is added to the uncorrected root. optax
 * rectifies where ρ ≥ 5 and adds `eps` to the corrected one.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const radam = /* @__PURE__ */ optimizer({
  name: "radam",
  source: "Liu et al. 2019",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-8)),
    ...decoupledDecay(0),
    decoupledWeightDecay: flag(false),
    cautious: flag(false),
  },
  decayKind: ({ decoupledWeightDecay }) => (decoupledWeightDecay ? "decoupled" : "coupled"),
  slots: () => ["exp_avg", "exp_avg_sq"],
  kernel: () => "radam",
  scalars: ["rate", "beta1", "keep1", "beta2", "keep2", "eps", "rectified", "shrink"],
  bears: ofMeanOverRoot,

  constants({ lr, beta1, beta2, eps, decay }, t, c) {
    const correction2 = correction(beta2, t);
    const most = 2 / (1 - beta2) - 1;
    const length = most - (2 * t * (1 - correction2)) / correction2;
    const rectified = length > 5;
    const variance = ((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length);
    c.rate = (lr / correction(beta1, t)) * (rectified ? Math.sqrt(variance * correction2) : 1);
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.beta2 = beta2;
    c.keep2 = 1 - beta2;
    c.eps = eps;
    c.rectified = rectified ? 1 : 0;
    c.shrink = 1 - decay;
  },

  update({ p, g, exp_avg, exp_avg_sq }, c, round) {
    const { rate, beta1, keep1, beta2, keep2, eps, rectified, shrink } = c;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const mean = round(round(beta1 * exp_avg[i]) + round(keep1 * grad));
      const square = round(round(beta2 * exp_avg_sq[i]) + round(round(keep2 * grad) * grad));
      exp_avg[i] = mean;
      exp_avg_sq[i] = square;
      const divisor = rectified !== 0 ? round(round(Math.sqrt(square)) + eps) : 1;
      p[i] = round(shrink * p[i]) - round(round(rate * mean) / divisor);
    }
  },
});
