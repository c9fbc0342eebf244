import { correction } from "../math/power.ts";
import { optimizer } from "../optimizer.ts";
import { flag, fraction, nonNegative } from "../options.ts";

/**
 * Adamax (Kingma & Ba 2014): Adam with the infinity norm of the past gradients in the place of their root mean square.
 *
 * Follows torch.optim.Adamax and optax: `eps` inside the maximum. Keras and TensorFlow.js add it to the divisor (`eps` 0 and
 * `epsDivisor` 1e-7); TensorFlow.js has a decay of the lr of its own.
 */
export const adamax = /* @__PURE__ */ optimizer({
  name: "adamax",
  source: "Kingma & Ba 2014",
  options: {
    lr: nonNegative(2e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: nonNegative(1e-8),
    epsDivisor: nonNegative(0),
    weightDecay: nonNegative(0),
    cautious: flag(false),
  },
  decay: "coupled",
  slots: () => ["exp_avg", "exp_inf"],
  kernel: () => "adamax",
  scalars: ["rate", "beta1", "keep1", "beta2", "eps", "epsDivisor"],

  constants({ lr, beta1, beta2, eps, epsDivisor }, t, c) {
    c.rate = lr / correction(beta1, t);
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.beta2 = beta2;
    c.eps = eps;
    c.epsDivisor = epsDivisor;
  },

  sweep({ p, g, exp_avg, exp_inf }, { rate, beta1, keep1, beta2, eps, epsDivisor }, round) {
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const mean = round(round(beta1 * exp_avg[i]) + round(keep1 * grad));
      exp_avg[i] = mean;
      const size = round(Math.abs(grad) + eps);
      const old = round(beta2 * exp_inf[i]);
      // In this order, as the kernel's pmax, a NaN comes through.
      const norm = size < old ? old : size;
      exp_inf[i] = norm;
      p[i] -= round(round(rate * mean) / round(norm + epsDivisor));
    }
  },
});
