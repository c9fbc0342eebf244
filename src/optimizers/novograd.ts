import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { heavyBall } from "./sgd.ts";

/**
 * NovoGrad (Ginsburg et al. 2019): a second moment of one number a tensor, its squared gradient norm, and a momentum of the gradients
 * divided by its root: half of Adam's state.
 *
 * Follows timm's nvnovograd.py without its amsgrad and its decoupled decay: the second moment starts with the first squared norm that is
 * not 0. By default optax has betas of 0.9 and 0.25 and an `eps` of 1e-6; it does not average the gradients. pytorch_optimizer does not
 * average the first of them.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 48.
 */
export const novograd = /* @__PURE__ */ optimizer({
  name: "novograd",
  source: "Ginsburg et al. 2019",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.95),
    beta2: fraction(0.98),
    eps: divisor(nonNegative(1e-8)),
    weightDecay: nonNegative(0),
    gradAveraging: flag(false),
    cautious: flag(false),
  },
  slots: () => ["exp_avg"],
  kernel: () => "sgd_momentum",
  scalars: heavyBall.scalars,
  carry: { exp_avg_sq: 0 },
  bears: ({ mean, norm }) => Math.min(mean, norm),

  scaleGradient({ beta1, beta2, eps, weightDecay }, norms, out, carry, { gradAveraging }) {
    const square = norms.g * norms.g;
    carry.exp_avg_sq = carry.exp_avg_sq === 0 ? square : beta2 * carry.exp_avg_sq + (1 - beta2) * square;
    const keep = gradAveraging ? 1 - beta1 : 1;
    out.scale = keep / (Math.sqrt(carry.exp_avg_sq) + eps);
    out.decay = keep * weightDecay;
  },

  constants({ lr, beta1 }, _, c) {
    c.rate = lr;
    c.momentum = beta1;
    c.keep = 1;
  },

  update({ p, g, exp_avg }, { rate, momentum, keep }, round) {
    for (let i = 0; i < p.length; i++) {
      const mean = round(round(momentum * exp_avg[i]) + round(keep * g[i]));
      exp_avg[i] = mean;
      p[i] -= round(rate * mean);
    }
  },
});
