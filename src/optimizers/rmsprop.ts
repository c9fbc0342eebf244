import type { Range } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { divisor, flag, fraction, nonNegative, type ScheduleFunction } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";
import { type EpsPlacement, epsOutside } from "../ops/eps-placement.ts";

type Slot = "square_avg" | "momentum_buffer" | "grad_avg";
type Scalar = "rate" | "alpha" | "keep" | "eps" | "momentum";
interface Variant {
  readonly momentum: number | ScheduleFunction;
  readonly centered: boolean;
}

/** RMSprop in every house: the end of its kernels' names, the root they take, and whether the lr is inside the momentum buffer. */
export const meanSquare = <H extends "" | "_keras">(house: H, root: EpsPlacement, inside: boolean) => ({
  slots: ({ momentum, centered }: Variant): readonly Slot[] => [
    "square_avg",
    ...(momentum === 0 ? [] : ["momentum_buffer" as const]),
    ...(centered ? ["grad_avg" as const] : []),
  ],
  kernel: ({ momentum, centered }: Variant) =>
    `rmsprop${momentum === 0 ? "" : "_momentum"}${centered ? "_centered" : ""}${house}` as const,
  scalars: ["rate", "alpha", "keep", "eps", "momentum"] as const,
  // A gradient over its deviation, where that is 0, is over eps alone.
  bears(
    { mean, square, terms }: Range,
    { lr, eps }: Readonly<Fields<"lr" | "eps">>,
    _carry: unknown,
    { centered }: Variant,
  ): number {
    return centered ? Math.min(square, (mean * root(0, eps, (x) => x)) / (Math.max(1, lr) * terms)) : square;
  },

  constants(hyper: Readonly<Fields<"lr" | "alpha" | "eps" | "momentum">>, _: number, c: Fields<Scalar>): void {
    c.rate = hyper.lr;
    c.alpha = hyper.alpha;
    c.keep = 1 - hyper.alpha;
    c.eps = hyper.eps;
    c.momentum = hyper.momentum;
  },

  update(arrays: Record<Slot | "p" | "g", FloatArray>, c: Readonly<Fields<Scalar>>, round: Round): void {
    const { p, g, square_avg, momentum_buffer, grad_avg } = arrays;
    const { rate, alpha, keep, eps, momentum } = c;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const square = round(round(alpha * square_avg[i]) + round(round(keep * grad) * grad));
      square_avg[i] = square;
      let spread = square;
      if (grad_avg !== undefined) {
        const mean = round(round(alpha * grad_avg[i]) + round(keep * grad));
        grad_avg[i] = mean;
        spread = round(square - round(mean * mean));
        if (spread < 0) spread = 0;
      }
      const divisor = root(spread, eps, round);
      if (momentum_buffer === undefined) {
        p[i] -= round(round(rate * grad) / divisor);
      } else {
        const pushed = inside ? round(rate * grad) : grad;
        const buffer = round(round(momentum * momentum_buffer[i]) + round(pushed / divisor));
        momentum_buffer[i] = buffer;
        p[i] -= inside ? buffer : round(rate * buffer);
      }
    }
  },
});

/**
 * RMSprop (Hinton's lecture 6e, 2012; centered: Graves 2013): the step is divided by a moving root mean square of the gradients or,
 * if `centered`, by their moving standard deviation.
 *
 * Follows torch.optim.RMSprop: `eps` outside the root, the lr outside the momentum buffer, no bias correction. Keras,
 * TensorFlow.js and optax put `eps` under the root and the lr inside the buffer: thalweg/optimizers/keras and tfjs. Here the
 * variance is clamped at 0, where rounding can make it negative and torch gives NaN.
 *
 * Memory in f32: 4–12 bytes of state a parameter; a step moves 20–36.
 */
export const rmsprop = /* @__PURE__ */ optimizer({
  ...meanSquare("", epsOutside, false),
  name: "rmsprop",
  source: "Hinton 2012; Graves 2013",
  options: {
    lr: nonNegative(1e-2),
    alpha: fraction(0.99),
    eps: divisor(nonNegative(1e-8)),
    weightDecay: nonNegative(0),
    momentum: nonNegative(0),
    centered: flag(false),
    cautious: flag(false),
  },
  decayKind: "coupled",
});
