import { ranges } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { type HyperName, nonNegative, nonPositive, optional, positive, type Resolved } from "../common/options.ts";
import type { Dtype, FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";
import { type Bears, decoupledDecay, type TrustRatio } from "../engine/spec.ts";
import type { Operation } from "../kernels/backend.ts";
import { pow } from "../math/pow.ts";

const options = {
  lr: nonNegative(1e-2),
  beta2Decay: nonPositive(-0.8),
  eps1: optional(nonNegative(0)),
  eps2: nonNegative(1e-3),
  d: positive(1),
  ...decoupledDecay(0),
};

type Options = typeof options;
type Slot = "variance" | "row_var" | "col_var";
type Scalar = "keep" | "share" | "floor" | "least" | "shrink";

const MACHINE_EPSILON: Readonly<Record<Dtype, number>> = { f32: 2 ** -23, f64: 2 ** -52 };

/** What vectors and matrices share. */
const both = {
  scalars: ["keep", "share", "floor", "least", "shrink"] as const,
  // The share of a row is at most the number of rows, and so its product with the mean of a column that many squares.
  bears: (({ square, norm }, _hyper, _carry, _options, length) =>
    Math.min(square / Math.sqrt(length), norm)) satisfies Bears<Options, never>,

  constants(
    { beta2Decay, decay }: Readonly<Fields<HyperName<Options> | "decay">>,
    t: number,
    c: Fields<Scalar>,
    _: unknown,
    { eps1 }: Resolved<Options>,
    dtype: Dtype,
  ): void {
    const least = Math.max(eps1 ?? MACHINE_EPSILON[dtype], ranges[dtype].least);
    const share = pow(t, beta2Decay);
    c.keep = 1 - share;
    c.share = share;
    c.floor = Math.max(least * least, ranges[dtype].least);
    c.least = least;
    c.shrink = 1 - decay;
  },

  /** Relative to the parameter's size, and shortened where the update's is more than `d`; sizes are root mean squares. */
  trustRatio: (({ lr, eps2, d }, norms, _options, _carry, { t }) => {
    const root = Math.sqrt(norms.length);
    const step = Math.max(eps2, norms.p / root) * Math.min(lr, 1 / Math.sqrt(t));
    return step / Math.max(1, norms.u / (root * d));
  }) satisfies TrustRatio<Options, never>,
};

/** The next mean square of gradients. */
const moment = (round: Round, [keep, share]: FloatArray, old: number, mean: number): number =>
  round(round(keep * old) + round(share * round(mean)));

/** g / √max(variance, floor), a NaN coming through as in the kernel. */
const divided = (round: Round, g: number, variance: number, floor: number): number =>
  round(g / round(Math.sqrt(variance < floor ? floor : variance)));

/**
 * The update of a stack of matrices. The variance of an element is its row's mean square, over the mean of those, times its column's. The
 * mirror of Factored in assembly/optimizers/adafactor.ts.
 */
const factored: Operation<
  [
    ...sizes: [stack: number, rows: number, columns: number],
    ...arrays: [p: FloatArray, g: FloatArray, row_var: FloatArray, col_var: FloatArray],
    ...more: [sums: FloatArray, c: FloatArray],
  ]
> = {
  kernel: "adafactor_matrix",
  plain(round, stack, rows, columns, p, g, row_var, col_var, _, c) {
    for (let i = 0; i < stack; i++) {
      rowMoments(round, i, rows, columns, g, row_var, c);
      columnMoments(round, i, rows, columns, g, col_var, c);
      descend(round, i, rows, columns, p, g, row_var, col_var, c);
    }
  },
};

function rowMoments(
  round: Round,
  matrix: number,
  rows: number,
  columns: number,
  g: FloatArray,
  row_var: FloatArray,
  c: FloatArray,
): void {
  for (let row = matrix * rows; row < (matrix + 1) * rows; row++) {
    const sum = sumOfSquares(g, row * columns, (row + 1) * columns);
    row_var[row] = moment(round, c, row_var[row], sum / columns);
  }
}

/** Of the elements from `start` to `end` − 1, even ones and odd ones apart, and the last of an odd number by itself. */
function sumOfSquares(x: FloatArray, start: number, end: number): number {
  let even = 0;
  let odd = 0;
  let i = start;
  for (; i + 2 <= end; i += 2) {
    even += x[i] * x[i];
    odd += x[i + 1] * x[i + 1];
  }
  return i === end ? even + odd : even + odd + x[i] * x[i];
}

function columnMoments(
  round: Round,
  matrix: number,
  rows: number,
  columns: number,
  g: FloatArray,
  col_var: FloatArray,
  c: FloatArray,
): void {
  for (let column = 0; column < columns; column++) {
    let sum = 0;
    for (let row = matrix * rows; row < (matrix + 1) * rows; row++)
      sum += g[row * columns + column] * g[row * columns + column];
    const i = matrix * columns + column;
    col_var[i] = moment(round, c, col_var[i], sum / rows);
  }
}

function descend(
  round: Round,
  matrix: number,
  rows: number,
  columns: number,
  p: FloatArray,
  g: FloatArray,
  row_var: FloatArray,
  col_var: FloatArray,
  [, , floor, least]: FloatArray,
): void {
  const [first, last] = [matrix * rows, (matrix + 1) * rows];
  let sum = 0;
  for (let row = first; row < last; row++) sum += row_var[row];
  const mean = round(Math.max(sum / rows, least));
  for (let row = first; row < last; row++) {
    const factor = round(row_var[row] / mean);
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      p[i] -= divided(round, g[i], round(factor * col_var[matrix * columns + column]), floor);
    }
  }
}

/**
 * Adafactor (Shazeer & Stern 2018): Adam without a momentum, whose second moment is kept, for matrices, as the means of its rows and of its
 * columns, and whose step is relative to the parameter's size. A tensor of more than two dimensions is a stack of matrices, its last two.
 *
 * Follows torch.optim.Adafactor: `lr` is the most that the relative step 1 / √t can be and what weight decay is multiplied by; the mean of
 * squares is over all steps up to the weight t^beta2Decay of the last; `eps1`, by default the dtype's machine epsilon, bounds the root of
 * the variance from below and `eps2` the parameter's size; an update whose root mean square is above `d` is shortened to that. The
 * paper and Keras add `eps1` to the squared gradient, at 1e-30; optax does that too, has no 1 / √t, and factors only where both
 * dimensions are 128 or more, the largest two.
 *
 * Memory in f32: 4 bytes of state a parameter (matrices: 4 a row + 4 a column); a step moves 52.
 */
export const adafactor = /* @__PURE__ */ optimizer({
  ...both,
  name: "adafactor",
  source: "Shazeer & Stern 2018",
  options,
  decayKind: "decoupled",
  slots: (): readonly Slot[] => ["variance"],
  kernel: () => "adafactor",

  update({ p, g, variance }, { keep, share, floor }, round) {
    for (let i = 0; i < p.length; i++) {
      const square = round(round(keep * variance[i]) + round(share * round(g[i] * g[i])));
      variance[i] = square;
      p[i] -= divided(round, g[i], square, floor);
    }
  },

  matrix: {
    ...both,
    applies: () => true,
    slots: ({ stack, rows, columns }) => ({ row_var: stack * rows, col_var: stack * columns }),
    // The kernel's sums of columns are f64 whatever the dtype.
    scratch: ({ columns }) => ({ sums: 2 * columns }),
    bind({ backend, dtype }, { stack, rows, columns }, { p, g, row_var, col_var, sums }, c) {
      return backend.operation(factored, dtype, stack, rows, columns, p, g, row_var, col_var, sums, c.values);
    },
  },
});
