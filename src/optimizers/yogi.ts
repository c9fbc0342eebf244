import { ofMeanOverRoot } from "../common/bearing.ts";
import { divisor, fixed, flag, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { correction } from "../math/power.ts";
import { sign } from "../math/sign.ts";

/**
 * Yogi (Zaheer et al. 2018): Adam whose second moment moves by at most (1 − beta2) · g² a step, so that it cannot fall quickly.
 *
 * Follows optax's transform.py (scale_by_yogi): bias correction, and both moments from `initialAccumulatorValue`. optax has no default lr
 * and no weight decay; those here are of pytorch_optimizer's yogi.py, which is the same otherwise.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const yogi = /* @__PURE__ */ optimizer({
  name: "yogi",
  source: "Zaheer et al. 2018",
  options: {
    lr: nonNegative(1e-2),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-3)),
    initialAccumulatorValue: fixed(nonNegative(1e-6)),
    ...decoupledDecay(0),
    cautious: flag(false),
  },
  decayKind: "decoupled",
  slots: () => ["exp_avg", "exp_avg_sq"],
  kernel: () => "yogi",
  scalars: ["rate", "beta1", "keep1", "keep2", "root", "eps", "shrink"],
  fill: ({ initialAccumulatorValue }) => ({ exp_avg: initialAccumulatorValue, exp_avg_sq: initialAccumulatorValue }),
  bears: ofMeanOverRoot,

  constants({ lr, beta1, beta2, eps, decay }, t, c) {
    c.rate = lr / correction(beta1, t);
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.keep2 = 1 - beta2;
    c.root = 1 / Math.sqrt(correction(beta2, t));
    c.eps = eps;
    c.shrink = 1 - decay;
  },

  update({ p, g, exp_avg, exp_avg_sq }, { rate, beta1, keep1, keep2, root, eps, shrink }, round) {
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const mean = round(round(beta1 * exp_avg[i]) + round(keep1 * grad));
      exp_avg[i] = mean;
      const old = exp_avg_sq[i];
      const square = round(grad * grad);
      const moment = round(old - round(keep2 * round(sign(round(old - square)) * square)));
      exp_avg_sq[i] = moment;
      const denominator = round(round(round(Math.sqrt(moment)) * root) + eps);
      p[i] = round(shrink * p[i]) - round(round(rate * mean) / denominator);
    }
  },
});
