import { pileOf } from "../common/bearing.ts";
import { nonNegative, ungrouped } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { pow } from "../math/pow.ts";
import { dot } from "../ops/reduce.ts";
import { heavyBall } from "./sgd.ts";

/**
 * SGD with hypergradient descent (Baydin et al. 2018): the lr itself descends, by `hypergradLr` times the dot product of the gradient with
 * the direction of the step before. What that adds up to is `lr_shift`, which `carried()` shows: a step's lr is `lr + lr_shift`, the sum.
 *
 * Follows the authors' SGDHD in sgd_hd.py, where `lr` has no default and is overwritten; there are no groups there, here each keeps its own
 * `lr` and all share the shift. The best `hypergradLr` goes with the gradients' squared scale: the paper takes 1e-3 for logistic regression
 * and small networks.
 *
 * Memory in f32: 4–8 bytes of state a parameter; a step moves 36–44.
 */
export const sgdHd = /* @__PURE__ */ optimizer({
  name: "sgdHd",
  source: "Baydin et al. 2018",
  options: {
    lr: nonNegative(1e-3),
    hypergradLr: ungrouped(nonNegative(1e-6)),
    ...heavyBall.options,
    weightDecay: nonNegative(0),
  },
  decayKind: "coupled",
  conflict: heavyBall.conflict,
  slots: ({ momentum, nesterov }) =>
    momentum === 0 ? ["grad_prev"] : nesterov ? ["momentum_buffer", "grad_prev"] : ["momentum_buffer"],
  // Without momentum the gradient itself is kept, as a buffer that forgets.
  kernel: ({ nesterov }) => (nesterov ? "sgd_nesterov_kept" : "sgd_momentum"),
  scalars: heavyBall.scalars,
  carry: { lr_shift: 0 },

  globalStats: {
    sums: ["hypergradient"],
    moved: 8 + 8,

    bind({ backend }, { g, momentum_buffer, grad_prev }) {
      const direction = grad_prev ?? momentum_buffer;
      return (_, __, sums) => {
        sums.hypergradient += backend.reduce(dot, g, direction);
      };
    },

    finish({ hypergradLr }, _, { hypergradient }, carry) {
      carry.lr_shift += hypergradLr * hypergradient;
    },
  },
  // What the lr shifts by is of the gradient's square, and multiplies the next: a cube, to be made a million times in all.
  bears(range, hyper, { lr_shift }, _, length) {
    const { momentum, dampening, hypergradLr } = hyper;
    const direction = Math.max(1, Math.abs(1 - dampening)) * pileOf(momentum, range) * (1 + momentum);
    const rate = Math.max(1, hyper.lr + Math.abs(lr_shift));
    const shift = hypergradLr * length * direction * direction;
    const cube = shift === 0 ? Infinity : pow(range.mean / (2 ** 20 * shift), 1 / 3);
    return Math.min(range.mean / (2 * direction * rate), cube, range.norm / Math.sqrt(direction));
  },

  constants(hyper, t, c, { lr_shift }, { momentum }) {
    heavyBall.constants(hyper, t, c);
    c.rate = hyper.lr + lr_shift;
    if (momentum === 0) c.keep = 1;
  },

  update({ p, g, momentum_buffer, grad_prev }, { rate, momentum, keep }, round, { nesterov }) {
    const kept = momentum_buffer ?? grad_prev;
    for (let i = 0; i < p.length; i++) {
      let direction = round(round(momentum * kept[i]) + round(keep * g[i]));
      kept[i] = direction;
      if (nesterov) {
        direction = round(g[i] + round(momentum * direction));
        grad_prev[i] = direction;
      }
      p[i] -= round(rate * direction);
    }
  },
});
