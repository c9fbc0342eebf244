import type { Range } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";
import { correction } from "../math/power.ts";

type Scalar = "rate" | "beta1" | "keep1" | "beta2" | "eps";

/** Adamax in every house: a kernel, and whether `eps` stands in the maximum or in the divisor. */
export const infinityNorm = <K extends "adamax" | "adamax_keras">(kernel: K, within: boolean) => ({
  slots: (): readonly ("exp_avg" | "exp_inf")[] => ["exp_avg", "exp_inf"],
  kernel: () => kernel,
  scalars: ["rate", "beta1", "keep1", "beta2", "eps"] as const,
  // A mean that outlives the norm is over eps alone.
  bears({ mean }: Range, { lr, beta1, beta2, eps }: Readonly<Fields<"lr" | "beta1" | "beta2" | "eps">>): number {
    return (mean * (beta1 < beta2 ? 1 : Math.min(eps, 1))) / Math.max(1, lr);
  },

  constants(hyper: Readonly<Fields<"lr" | "beta1" | "beta2" | "eps">>, t: number, c: Fields<Scalar>): void {
    const { lr, beta1, beta2, eps } = hyper;
    c.rate = lr / correction(beta1, t);
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.beta2 = beta2;
    c.eps = eps;
  },

  update(
    { p, g, exp_avg, exp_inf }: Record<"p" | "g" | "exp_avg" | "exp_inf", FloatArray>,
    { rate, beta1, keep1, beta2, eps }: Readonly<Fields<Scalar>>,
    round: Round,
  ): void {
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const mean = round(round(beta1 * exp_avg[i]) + round(keep1 * grad));
      exp_avg[i] = mean;
      const size = within ? round(Math.abs(grad) + eps) : Math.abs(grad);
      const old = round(beta2 * exp_inf[i]);
      // In this order, as the kernel's pmax, a NaN comes through.
      const norm = size < old ? old : size;
      exp_inf[i] = norm;
      p[i] -= round(round(rate * mean) / (within ? norm : round(norm + eps)));
    }
  },
});

/**
 * Adamax (Kingma & Ba 2014): Adam with the infinity norm of the past gradients in the place of their root mean square.
 *
 * Follows torch.optim.Adamax and optax: `eps` inside the maximum. Keras and TensorFlow.js add it to the divisor, and
 * TensorFlow.js has a decay of the lr of its own: thalweg/optimizers/keras and tfjs.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const adamax = /* @__PURE__ */ optimizer({
  ...infinityNorm("adamax", true),
  name: "adamax",
  source: "Kingma & Ba 2014",
  options: {
    lr: nonNegative(2e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-8)),
    weightDecay: nonNegative(0),
    cautious: flag(false),
  },
  decayKind: "coupled",
});
