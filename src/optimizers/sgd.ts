import { optimizer } from "../optimizer.ts";
import { finite, flag, nonNegative } from "../options.ts";

/**
 * Stochastic gradient descent: p ← p − lr · g, optionally through a heavy ball (Polyak 1964) or with Nesterov's look-ahead
 * (Sutskever et al. 2013).
 *
 * Follows torch.optim.SGD: `weightDecay` is added to the gradient, the lr multiplies the buffer when it is used, and the first
 * buffer is the gradient itself, whatever `dampening` says. optax's `trace` has no dampening; Keras keeps the lr inside its
 * velocity, which differs as soon as the lr changes.
 */
export const sgd = /* @__PURE__ */ optimizer({
  name: "sgd",
  source: "Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013",
  options: {
    lr: nonNegative(1e-3),
    momentum: nonNegative(0),
    dampening: finite(0),
    weightDecay: nonNegative(0),
    nesterov: flag(false),
    cautious: flag(false),
  },
  decay: "coupled",
  slots: ({ momentum }) => (momentum === 0 ? [] : ["momentum_buffer"]),
  kernel: ({ momentum, nesterov }) => (momentum === 0 ? "sgd" : nesterov ? "sgd_nesterov" : "sgd_momentum"),
  scalars: ["rate", "momentum", "keep"],
  conflict: ({ momentum, dampening, nesterov }) =>
    nesterov && (momentum === 0 || dampening !== 0) ? "nesterov needs momentum > 0 and dampening = 0" : undefined,

  constants({ lr, momentum, dampening }, t, c) {
    c.rate = lr;
    c.momentum = momentum;
    c.keep = t === 1 ? 1 : 1 - dampening;
  },

  sweep({ p, g, momentum_buffer }, { rate, momentum, keep }, round, { nesterov }) {
    if (momentum_buffer === undefined) {
      for (let i = 0; i < p.length; i++) p[i] -= round(rate * g[i]);
      return;
    }
    for (let i = 0; i < p.length; i++) {
      const buffer = round(round(momentum * momentum_buffer[i]) + round(keep * g[i]));
      momentum_buffer[i] = buffer;
      const direction = nesterov ? round(g[i] + round(momentum * buffer)) : buffer;
      p[i] -= round(rate * direction);
    }
  },
});
