import type { Range } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { divisor, fixed, flag, nonNegative } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";
import { type EpsPlacement, epsOutside } from "../ops/eps-placement.ts";

/** AdaGrad in every house: a kernel, and the root it takes. */
export const sumOfSquares = <K extends "adagrad" | "adagrad_keras">(kernel: K, root: EpsPlacement) => ({
  slots: (): readonly "sum"[] => ["sum"],
  kernel: () => kernel,
  scalars: ["rate", "eps"] as const,
  fill: ({ initialAccumulatorValue }: { readonly initialAccumulatorValue: number }) => ({
    sum: initialAccumulatorValue,
  }),
  bears: ({ squareSum }: Range) => squareSum,

  update(
    { p, g, sum }: Record<"p" | "g" | "sum", FloatArray>,
    { rate, eps }: Readonly<Fields<"rate" | "eps">>,
    round: Round,
  ): void {
    for (let i = 0; i < p.length; i++) {
      const total = round(sum[i] + round(g[i] * g[i]));
      sum[i] = total;
      p[i] -= round(round(rate * g[i]) / root(total, eps, round));
    }
  },
});

/**
 * AdaGrad (Duchi, Hazan & Singer 2011): every parameter's step is divided by the root of the sum of its squared gradients.
 *
 * Follows torch.optim.Adagrad: `eps` outside the root, the accumulator from 0, and a built-in time-based decay of the lr,
 * lr / (1 + (t − 1) · lrDecay). optax, Keras and TensorFlow.js start the accumulator at 0.1 and put `eps` under the root:
 * thalweg/optimizers/keras and tfjs.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 20.
 */
export const adagrad = /* @__PURE__ */ optimizer({
  ...sumOfSquares("adagrad", epsOutside),
  name: "adagrad",
  source: "Duchi, Hazan & Singer 2011",
  options: {
    lr: nonNegative(1e-2),
    lrDecay: nonNegative(0),
    weightDecay: nonNegative(0),
    initialAccumulatorValue: fixed(nonNegative(0)),
    eps: divisor(nonNegative(1e-10)),
    cautious: flag(false),
  },
  decayKind: "coupled",

  constants({ lr, lrDecay, eps }, t, c) {
    c.rate = lr / (1 + (t - 1) * lrDecay);
    c.eps = eps;
  },
});
