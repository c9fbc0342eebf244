import { ofMeanOverRoot } from "../common/bearing.ts";
import { divisor, fraction, nonNegative, ungrouped } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { pow } from "../math/pow.ts";
import { dotOverRoot } from "../ops/reduce.ts";
import { corrections, moments } from "./adam.ts";

/**
 * Adam with hypergradient descent (Baydin et al. 2018): the lr itself descends, by `hypergradLr` times the dot product of the gradient with
 * the direction of the step before. What that adds up to is `lr_shift`, which `carried()` shows: a step's lr is `lr + lr_shift`, the sum.
 *
 * Follows the authors' AdamHD in adam_hd.py in its defaults and in that `eps` stands uncorrected. There, the lr changes from tensor to tensor
 * within a step; here as in the paper once, by the sum over all. The paper takes a `hypergradLr` of 1e-7 for logistic regression and small
 * networks, 1e-8 for a large one.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 48.
 */
export const adamHd = /* @__PURE__ */ optimizer({
  name: "adamHd",
  source: "Baydin et al. 2018",
  options: {
    lr: nonNegative(1e-3),
    hypergradLr: ungrouped(nonNegative(1e-8)),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-8)),
    weightDecay: nonNegative(0),
  },
  decayKind: "coupled",
  slots: () => ["exp_avg", "exp_avg_sq"],
  kernel: () => "adam",
  scalars: moments.scalars,
  carry: { lr_shift: 0 },

  globalStats: {
    sums: ["hypergradient"],
    moved: 8 + 12,

    bind({ backend }, { g, exp_avg, exp_avg_sq }, mix) {
      return ({ beta1, beta2, eps }, t, sums) => {
        if (t === 1) return;
        mix.scale = eps;
        const along = backend.reduce(dotOverRoot, g, exp_avg, exp_avg_sq, mix.values);
        sums.hypergradient += corrections(beta1, beta2, t - 1) * along;
      };
    },

    finish({ hypergradLr }, _, { hypergradient }, carry) {
      carry.lr_shift += hypergradLr * hypergradient;
    },
  },
  // What the lr shifts by, a million times in all, multiplies the next mean over its root: of the size of 1 each, or of the gradient over eps.
  bears(range, { lr, hypergradLr, beta1, beta2, eps }, { lr_shift }, _, length) {
    const rate = lr + Math.abs(lr_shift);
    const shift = hypergradLr * length * 2 ** 20;
    const forgets = beta1 * beta1 >= beta2;
    const moved =
      shift === 0 ? Infinity : forgets ? pow((range.mean * eps * eps) / shift, 1 / 3) : Math.sqrt(range.mean / shift);
    return Math.min(
      ofMeanOverRoot(range, { lr: rate, beta1, beta2, eps }),
      moved,
      range.norm * Math.sqrt(Math.min(1, eps)),
      range.mean / rate,
    );
  },

  constants(hyper, t, c, { lr_shift }) {
    moments.constants(hyper, t, c);
    c.rate = (hyper.lr + lr_shift) * corrections(hyper.beta1, hyper.beta2, t);
    c.root = 1;
  },

  update: moments.update,
});
