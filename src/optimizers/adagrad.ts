import { optimizer } from "../optimizer.ts";
import { fixed, flag, nonNegative } from "../options.ts";

/**
 * AdaGrad (Duchi, Hazan & Singer 2011): every parameter's step is divided by the root of the sum of its squared gradients.
 *
 * Follows torch.optim.Adagrad: `eps` outside the root, the accumulator from 0, and a built-in time-based decay of the lr,
 * lr / (1 + (t − 1) · lrDecay). optax, Keras and TensorFlow.js start the accumulator at 0.1 and put eps inside the root: `eps` 0
 * and `epsRoot` 1e-7.
 */
export const adagrad = /* @__PURE__ */ optimizer({
  name: "adagrad",
  source: "Duchi, Hazan & Singer 2011",
  options: {
    lr: nonNegative(1e-2),
    lrDecay: nonNegative(0),
    weightDecay: nonNegative(0),
    initialAccumulatorValue: fixed(nonNegative(0)),
    eps: nonNegative(1e-10),
    epsRoot: nonNegative(0),
    cautious: flag(false),
  },
  decay: "coupled",
  slots: () => ["sum"],
  kernel: () => "adagrad",
  scalars: ["rate", "eps", "epsRoot"],
  fill: ({ initialAccumulatorValue }) => ({ sum: initialAccumulatorValue }),

  constants({ lr, lrDecay, eps, epsRoot }, t, c) {
    c.rate = lr / (1 + (t - 1) * lrDecay);
    c.eps = eps;
    c.epsRoot = epsRoot;
  },

  sweep({ p, g, sum }, { rate, eps, epsRoot }, round) {
    for (let i = 0; i < p.length; i++) {
      const total = round(sum[i] + round(g[i] * g[i]));
      sum[i] = total;
      p[i] -= round(round(rate * g[i]) / round(round(Math.sqrt(round(total + epsRoot))) + eps));
    }
  },
});
