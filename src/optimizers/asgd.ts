import { ofSteps } from "../common/bearing.ts";
import { nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { pow } from "../math/pow.ts";

/**
 * Averaged SGD (Polyak & Juditsky 1992): SGD with an lr that decays as lr / (1 + lambd · lr · t)^alpha and, from step `t0` on, a running
 * mean of the parameters in the state `ax`: copy it out to use it.
 *
 * Follows torch.optim.ASGD, but that a scheduled lr acts at once: torch computes a step's rate at the end of the one before. optax, Keras
 * and timm do not have it, and pytorch_optimizer's ASGD is another algorithm, adaptive SGD.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 20.
 */
export const asgd = /* @__PURE__ */ optimizer({
  name: "asgd",
  source: "Polyak & Juditsky 1992",
  options: {
    lr: nonNegative(1e-2),
    lambd: nonNegative(1e-4),
    alpha: nonNegative(0.75),
    t0: nonNegative(1e6),
    weightDecay: nonNegative(0),
  },
  decayKind: "coupled",
  slots: () => ["ax"],
  kernel: () => "asgd",
  scalars: ["rate", "shrink", "mu", "averaging"],
  bears: ofSteps,

  constants({ lr, lambd, alpha, t0 }, t, c) {
    const rate = lr / pow(1 + lambd * lr * (t - 1), alpha);
    const mu = 1 / Math.max(1, t - 1 - t0);
    c.rate = rate;
    c.shrink = 1 - lambd * rate;
    c.mu = mu;
    c.averaging = mu === 1 ? 0 : 1;
  },

  update({ p, g, ax }, { rate, shrink, mu, averaging }, round) {
    for (let i = 0; i < p.length; i++) {
      const next = round(round(shrink * p[i]) - round(rate * g[i]));
      p[i] = next;
      ax[i] = averaging !== 0 ? ax[i] + round(round(next - ax[i]) * mu) : next;
    }
  },
});
