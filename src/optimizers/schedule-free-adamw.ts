import { ofSquares } from "../common/bearing.ts";
import { between, divisor, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { correction } from "../math/power.ts";
import { averaging, averagingConstants } from "./schedule-free-sgd.ts";

/**
 * Schedule-free AdamW (Defazio et al. 2024): as schedule-free SGD, with the gradient divided by the root of its second moment and the
 * weight decay outside of that.
 *
 * Follows the authors' adamw_schedulefree.py 1.4. optax's warmup is off by one between weight and step; Keras weighs all steps alike.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const scheduleFreeAdamw = /* @__PURE__ */ optimizer({
  name: "scheduleFreeAdamw",
  source: "Defazio et al. 2024",
  options: {
    lr: nonNegative(2.5e-3),
    beta1: between(0, 1, 0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-8)),
    weightDecay: nonNegative(0),
    ...averaging,
  },
  slots: () => ["z", "exp_avg_sq"],
  kernel: () => "schedule_free_adamw",
  scalars: ["blend", "pull", "rate", "first", "beta2", "keep2", "root", "eps", "weightDecay"],
  bears: ofSquares,
  carry: { weight_sum: 0, lr_max: 0 },
  evaluation: {
    slot: "z",
    weight: ({ beta1 }, to) => 1 - (to === "eval" ? 1 / beta1 : beta1),
  },

  constants(hyper, t, c, carry) {
    averagingConstants(hyper, hyper.beta1, t, c, carry);
    c.beta2 = hyper.beta2;
    c.keep2 = 1 - hyper.beta2;
    c.root = 1 / Math.sqrt(correction(hyper.beta2, t));
    c.eps = hyper.eps;
    c.weightDecay = hyper.weightDecay;
  },

  update({ p, g, z, exp_avg_sq }, c, round) {
    const { blend, pull, rate, first, beta2, keep2, root, eps, weightDecay } = c;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const param = p[i];
      // Before the first step z is the parameter, whenever that was set.
      const old = first !== 0 ? param : z[i];
      const square = round(round(beta2 * exp_avg_sq[i]) + round(round(keep2 * grad) * grad));
      exp_avg_sq[i] = square;
      const normed = round(grad / round(round(round(Math.sqrt(square)) * root) + eps));
      const direction = round(normed + round(weightDecay * param));
      z[i] = old - round(rate * direction);
      const blended = round(param + round(blend * round(old - param)));
      p[i] = blended + round(pull * direction);
    }
  },
});
