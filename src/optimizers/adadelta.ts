import { ofSquares } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";

type Slot = "square_avg" | "acc_delta";
type Scalar = "rate" | "rho" | "keep" | "eps";

/** Adadelta in every house. */
export const meanDelta = {
  slots: (): readonly Slot[] => ["square_avg", "acc_delta"],
  kernel: () => "adadelta" as const,
  scalars: ["rate", "rho", "keep", "eps"] as const,
  bears: ofSquares,

  constants({ lr, rho, eps }: Readonly<Fields<"lr" | "rho" | "eps">>, _: number, c: Fields<Scalar>): void {
    c.rate = lr;
    c.rho = rho;
    c.keep = 1 - rho;
    c.eps = eps;
  },

  update(
    { p, g, square_avg, acc_delta }: Record<Slot | "p" | "g", FloatArray>,
    { rate, rho, keep, eps }: Readonly<Fields<Scalar>>,
    round: Round,
  ): void {
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const square = round(round(rho * square_avg[i]) + round(round(keep * grad) * grad));
      square_avg[i] = square;
      const acc = acc_delta[i];
      const ratio = round(Math.sqrt(round(round(acc + eps) / round(square + eps))));
      const delta = round(ratio * grad);
      acc_delta[i] = round(rho * acc) + round(round(keep * delta) * delta);
      p[i] -= round(rate * delta);
    }
  },
};

/**
 * Adadelta (Zeiler 2012): the step is the gradient times the root mean square of past steps over that of the gradients, so it has the
 * parameter's unit and needs no lr.
 *
 * Follows torch.optim.Adadelta. optax and, but for its defaults, Keras are the same; TensorFlow.js divides by the accumulator from
 * before the update, which is a defect and not offered.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const adadelta = /* @__PURE__ */ optimizer({
  ...meanDelta,
  name: "adadelta",
  source: "Zeiler 2012",
  options: {
    lr: nonNegative(1),
    rho: fraction(0.9),
    eps: divisor(nonNegative(1e-6)),
    weightDecay: nonNegative(0),
    cautious: flag(false),
  },
  decayKind: "coupled",
});
