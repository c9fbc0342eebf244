import { optimizer } from "../optimizer.ts";
import { flag, fraction, nonNegative } from "../options.ts";

/**
 * RMSprop (Hinton's lecture 6e, 2012; centered: Graves 2013): the step is divided by a moving root mean square of the gradients or,
 * if `centered`, by their moving standard deviation.
 *
 * Follows torch.optim.RMSprop: `eps` outside the root, the lr outside the momentum buffer, no bias correction. Keras,
 * TensorFlow.js and optax put eps inside the root (`eps` 0 and `epsRoot` 1e-7) and the lr inside the buffer. Here the variance is clamped at 0, where
 * rounding can make it negative and torch gives NaN.
 */
export const rmsprop = /* @__PURE__ */ optimizer({
  name: "rmsprop",
  source: "Hinton 2012; Graves 2013",
  options: {
    lr: nonNegative(1e-2),
    alpha: fraction(0.99),
    eps: nonNegative(1e-8),
    epsRoot: nonNegative(0),
    weightDecay: nonNegative(0),
    momentum: nonNegative(0),
    centered: flag(false),
    cautious: flag(false),
  },
  decay: "coupled",
  slots: ({ momentum, centered }) => [
    "square_avg" as const,
    ...(momentum === 0 ? [] : ["momentum_buffer" as const]),
    ...(centered ? ["grad_avg" as const] : []),
  ],
  kernel: ({ momentum, centered }) =>
    `rmsprop${momentum === 0 ? "" : "_momentum"}${centered ? "_centered" : ""}` as const,
  scalars: ["rate", "alpha", "keep", "eps", "momentum", "epsRoot"],

  constants({ lr, alpha, eps, epsRoot, momentum }, _, c) {
    c.rate = lr;
    c.alpha = alpha;
    c.keep = 1 - alpha;
    c.eps = eps;
    c.momentum = momentum;
    c.epsRoot = epsRoot;
  },

  sweep({ p, g, square_avg, momentum_buffer, grad_avg }, { rate, alpha, keep, eps, momentum, epsRoot }, round) {
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const square = round(round(alpha * square_avg[i]) + round(round(keep * grad) * grad));
      square_avg[i] = square;
      let spread = square;
      if (grad_avg !== undefined) {
        const mean = round(round(alpha * grad_avg[i]) + round(keep * grad));
        grad_avg[i] = mean;
        spread = round(square - round(mean * mean));
        if (spread < 0) spread = 0;
      }
      const root = round(round(Math.sqrt(round(spread + epsRoot))) + eps);
      if (momentum_buffer === undefined) {
        p[i] -= round(round(rate * grad) / root);
      } else {
        const buffer = round(round(momentum * momentum_buffer[i]) + round(grad / root));
        momentum_buffer[i] = buffer;
        p[i] -= round(rate * buffer);
      }
    }
  },
});
