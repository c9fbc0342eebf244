import type { Range } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { flag, fraction, type HyperName, nonNegative } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";
import type { Operation } from "../kernels/backend.ts";

const options = { lr: nonNegative(0.1), momentum: fraction(0.9), eps: nonNegative(1e-8), cautious: flag(false) };

type Slot = "accumulator_0" | "accumulator_1" | "momentum_buffer";
type Scalar = "rate" | "momentum" | "keep" | "eps";

/** What vectors and matrices share. */
const both = {
  scalars: ["rate", "momentum", "keep", "eps"] as const,
  bears: ({ squareSum }: Range) => squareSum,

  constants({ lr, momentum, eps }: Readonly<Fields<HyperName<typeof options>>>, _: number, c: Fields<Scalar>): void {
    c.rate = lr;
    c.momentum = momentum;
    c.keep = 1 - momentum;
    c.eps = eps;
  },
};

/** The gradient over the root of its accumulated square; 0 / 0 is 0. */
const direction = (round: Round, g: number, square: number, eps: number): number =>
  square === 0 ? 0 : round(g / round(Math.sqrt(round(square + eps))));

/** The update of a stack of matrices. The mirror of Covers in assembly/optimizers/sm3.ts. */
const covered: Operation<
  [
    ...sizes: [stack: number, rows: number, columns: number],
    ...arrays: [p: FloatArray, g: FloatArray, accumulator_0: FloatArray, accumulator_1: FloatArray],
    ...more: [momentum_buffer: FloatArray, next: FloatArray, c: FloatArray],
  ]
> = {
  kernel: "sm3_matrix",
  plain(round, stack, rows, columns, p, g, accumulator_0, accumulator_1, momentum_buffer, next, c) {
    for (let matrix = 0; matrix < stack; matrix++) {
      const start = matrix * columns;
      for (let row = matrix * rows; row < (matrix + 1) * rows; row++)
        accumulator_0[row] = descendRow(
          round,
          row * columns,
          accumulator_0[row],
          start,
          p,
          g,
          accumulator_1,
          momentum_buffer,
          next,
          c,
        );
      for (let column = 0; column < columns; column++) {
        accumulator_1[start + column] = next[column];
        next[column] = 0;
      }
    }
  },
};

/** Updates a row and returns the largest of its squares. Comparisons as in the kernel: a NaN is passed over. */
function descendRow(
  round: Round,
  first: number,
  cover: number,
  start: number,
  p: FloatArray,
  g: FloatArray,
  accumulator_1: FloatArray,
  momentum_buffer: FloatArray,
  next: FloatArray,
  [rate, momentum, keep, eps]: FloatArray,
): number {
  let most = 0;
  for (let column = 0; column < next.length; column++) {
    const i = first + column;
    const other = accumulator_1[start + column];
    const square = round((other < cover ? other : cover) + round(g[i] * g[i]));
    if (most < square) most = square;
    if (next[column] < square) next[column] = square;
    const mean = round(round(momentum * momentum_buffer[i]) + round(keep * direction(round, g[i], square, eps)));
    momentum_buffer[i] = mean;
    p[i] -= round(rate * mean);
  }
  return most;
}

/**
 * SM3 (Anil et al. 2019): AdaGrad in less memory. A matrix has an accumulator a row and a column; an element's sum of squares is at most the
 * smaller of its two, to which g² is added, and the accumulators become the largest that they cover. Vectors have one an element. A tensor
 * of more than two dimensions is a stack of matrices, its last two.
 *
 * Follows optax's transform.py (scale_by_sm3), SM3-II of the paper with a mean of the steps as momentum; optax has an accumulator for
 * every index of every dimension, also of the third. Neither it nor the authors' sm3.py has a default lr: this one is pytorch_optimizer's,
 * whose momentum is 0 by default and whose `eps` 1e-30.
 *
 * Memory in f32: 8 bytes of state a parameter (matrices: 4 an element + 4 a row + 4 a column); a step moves 28.
 */
export const sm3 = /* @__PURE__ */ optimizer({
  ...both,
  name: "sm3",
  source: "Anil et al. 2019",
  options,
  slots: (): readonly Slot[] => ["accumulator_0", "momentum_buffer"],
  kernel: () => "sm3",

  update({ p, g, accumulator_0, momentum_buffer }, { rate, momentum, keep, eps }, round) {
    for (let i = 0; i < p.length; i++) {
      const square = round(accumulator_0[i] + round(g[i] * g[i]));
      accumulator_0[i] = square;
      const mean = round(round(momentum * momentum_buffer[i]) + round(keep * direction(round, g[i], square, eps)));
      momentum_buffer[i] = mean;
      p[i] -= round(rate * mean);
    }
  },

  matrix: {
    ...both,
    applies: () => true,
    slots: ({ stack, rows, columns }) => ({
      accumulator_0: stack * rows,
      accumulator_1: stack * columns,
      momentum_buffer: stack * rows * columns,
    }),
    scratch: ({ columns }) => ({ next: columns }),
    bind({ backend, dtype }, { stack, rows, columns }, arrays, c) {
      const { p, g, accumulator_0, accumulator_1, momentum_buffer, next } = arrays;
      const covers = [accumulator_0, accumulator_1] as const;
      return backend.operation(covered, dtype, stack, rows, columns, p, g, ...covers, momentum_buffer, next, c.values);
    },
  },
});
