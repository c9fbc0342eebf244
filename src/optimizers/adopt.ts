import { ofSquares } from "../common/bearing.ts";
import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { pow } from "../math/pow.ts";

/**
 * ADOPT (Taniguchi et al. 2024): Adam that divides a gradient by the second moment from before it, and only then takes the mean, which
 * makes it converge for every beta2.
 *
 * Follows the authors' adopt.py: the first step only fills the second moment; the divided gradient is clamped to ± (t − 1)^¼. timm's
 * exponent is 0.333.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const adopt = /* @__PURE__ */ optimizer({
  name: "adopt",
  source: "Taniguchi et al. 2024",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.9999),
    eps: divisor(nonNegative(1e-6)),
    ...decoupledDecay(0),
    decoupledWeightDecay: flag(false),
    cautious: flag(false),
  },
  decayKind: ({ decoupledWeightDecay }) => (decoupledWeightDecay ? "decoupled" : "coupled"),
  slots: () => ["exp_avg", "exp_avg_sq"],
  kernel: () => "adopt",
  scalars: ["rate", "beta1", "keep1", "beta2", "keep2", "eps", "ceiling", "floor", "shrink"],
  bears: ofSquares,

  constants({ lr, beta1, beta2, eps, decay }, t, c) {
    const first = t === 1;
    c.rate = first ? 0 : lr;
    c.beta1 = first ? 1 : beta1;
    c.keep1 = first ? 0 : 1 - beta1;
    c.beta2 = beta2;
    c.keep2 = first ? 1 : 1 - beta2;
    c.eps = eps;
    c.ceiling = pow(t - 1, 0.25);
    c.floor = -c.ceiling;
    c.shrink = first ? 1 : 1 - decay;
  },

  update({ p, g, exp_avg, exp_avg_sq }, c, round) {
    const { rate, beta1, keep1, beta2, keep2, eps, ceiling, floor, shrink } = c;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const square = exp_avg_sq[i];
      const root = round(Math.sqrt(square));
      // Comparisons in the order of the kernel's pmax and pmin: a NaN comes through.
      let normed = round(grad / (root < eps ? eps : root));
      if (ceiling < normed) normed = ceiling;
      if (normed < floor) normed = floor;
      const mean = round(round(beta1 * exp_avg[i]) + round(keep1 * normed));
      exp_avg[i] = mean;
      p[i] = round(shrink * p[i]) - round(rate * mean);
      exp_avg_sq[i] = round(beta2 * square) + round(round(keep2 * grad) * grad);
    }
  },
});
