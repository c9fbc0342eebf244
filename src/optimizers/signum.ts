import { flag, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { sign } from "../math/sign.ts";

/**
 * Signum (Bernstein et al. 2018): every parameter moves by the lr, along the sign of a moving mean of the gradients; with `momentum` 0
 * along the sign of the gradient itself, sign-SGD.
 *
 * Follows pytorch_optimizer's sgd.py (SignSGD), which is the paper's second algorithm with weight decay, decoupled unless it is told
 * otherwise. optax's signum and sign_sgd have none.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 20.
 */
export const signum = /* @__PURE__ */ optimizer({
  name: "signum",
  source: "Bernstein et al. 2018",
  options: { lr: nonNegative(1e-3), momentum: fraction(0.9), ...decoupledDecay(0), cautious: flag(false) },
  decayKind: "decoupled",
  slots: ({ momentum }) => (momentum === 0 ? [] : ["momentum_buffer"]),
  kernel: ({ momentum }) => (momentum === 0 ? "signsgd" : "signum"),
  scalars: ["rate", "momentum", "keep", "shrink"],
  bears: ({ mean }) => mean,

  constants({ lr, momentum, decay }, _, c) {
    c.rate = lr;
    c.momentum = momentum;
    c.keep = 1 - momentum;
    c.shrink = 1 - decay;
  },

  update({ p, g, momentum_buffer }, { rate, momentum, keep, shrink }, round) {
    for (let i = 0; i < p.length; i++) {
      let direction = g[i];
      if (momentum_buffer !== undefined) {
        direction = round(round(momentum * momentum_buffer[i]) + round(keep * direction));
        momentum_buffer[i] = direction;
      }
      p[i] = round(shrink * p[i]) - round(rate * sign(direction));
    }
  },
});
