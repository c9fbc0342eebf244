import { ranges } from "../common/bearing.ts";
import { divisor, fixed, nonNegative, positive } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";

/**
 * FTRL-proximal (McMahan et al. 2013): the parameter that minimises all past linearised losses plus a proximal term, in closed form; `l1`
 * makes parameters exactly 0.
 *
 * Follows keras.optimizers.Ftrl with its default power of the accumulator, −½. The parameter is a function of the state alone, so
 * what it is before the first step has no part in it but through the gradient. pytorch_optimizer starts the accumulator at 0, has no
 * `l2Shrinkage`, and its lambda_2 is twice `l2`.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const ftrl = /* @__PURE__ */ optimizer({
  name: "ftrl",
  source: "McMahan et al. 2013",
  options: {
    lr: divisor(positive(1e-3)),
    initialAccumulatorValue: fixed(nonNegative(0.1)),
    l1: nonNegative(0),
    l2: nonNegative(0),
    l2Shrinkage: nonNegative(0),
    beta: nonNegative(0),
  },
  conflict: ({ initialAccumulatorValue, l2Shrinkage }) =>
    initialAccumulatorValue === 0 && l2Shrinkage !== 0
      ? "l2Shrinkage needs an initialAccumulatorValue > 0: without a gradient it would be divided by its root"
      : undefined,
  slots: () => ["accumulator", "linear"],
  kernel: () => "ftrl",
  scalars: ["inverse", "shrinkage", "ceiling", "floor", "l2"],
  fill: ({ initialAccumulatorValue }) => ({ accumulator: initialAccumulatorValue }),
  // The root of the sum is divided by the lr, and multiplied by the parameter.
  bears: ({ mean, squareSum, terms }, { lr }) => Math.min(squareSum, (mean * lr) / terms),

  constants({ lr, l1, l2, l2Shrinkage, beta }, _, c, __, ___, dtype) {
    c.inverse = 1 / lr;
    c.shrinkage = 2 * l2Shrinkage;
    c.ceiling = l1;
    c.floor = -l1;
    // The root can be 0 if the accumulator begins with that.
    c.l2 = Math.max(2 * l2 + beta / lr, ranges[dtype].least);
  },

  update({ p, g, accumulator, linear }, { inverse, shrinkage, ceiling, floor, l2 }, round) {
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const param = p[i];
      const old = accumulator[i];
      const sum = round(old + round(grad * grad));
      accumulator[i] = sum;
      const root = round(Math.sqrt(sum));
      // Roots that lie close together have an exact difference; their multiples would be rounded before it.
      const growth = round(round(root - round(Math.sqrt(old))) * inverse);
      const drift = round(round(grad + round(shrinkage * param)) - round(growth * param));
      const total = round(linear[i] + drift);
      linear[i] = total;
      // Comparisons in the order of the kernel's pmin and pmax: a NaN comes through.
      let clipped = ceiling < total ? ceiling : total;
      if (clipped < floor) clipped = floor;
      p[i] = round(clipped - total) / round(round(root * inverse) + l2);
    }
  },
});
