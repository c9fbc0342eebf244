import type { FloatArray, Fold, Operation } from "./backend.ts";
import { BLOCK } from "./backends/pieces.ts";

// The mirror of assembly/fold.ts: element i of a block goes to lane i mod 8, the rest of a last short turn to lane 0, and the lanes are
// added pairwise.

/** Σ x² */
export const squares: Fold = { kernel: "sum_of_squares", term: (x) => x * x };
/** Σ |x| */
export const magnitudes: Fold = { kernel: "sum_of_magnitudes", term: (x) => Math.abs(x) };
/** Σ x · y */
export const dot: Fold = { kernel: "dot", term: (x, y) => x * y };
/** Σ (x − y)² */
export const squaredDistance: Fold = { kernel: "squared_distance", term: (x, y) => (x - y) * (x - y) };
/** Σ x · (y − z) */
export const dotWithGap: Fold = { kernel: "dot_with_gap", term: (x, y, z) => x * (y - z) };
/** Σ x · y / (√z + scalar) */
export const dotOverRoot: Fold = {
  kernel: "dot_over_root",
  term: (x, y, z, scalar) => (x * y) / (Math.sqrt(z) + scalar),
};

/** The largest |x|; NaN if there is one among them. */
export const largestMagnitude: Operation<[length: number, x: FloatArray], number> = {
  kernel: "largest_magnitude",
  plain(_, length, x) {
    let most = 0;
    for (let i = 0; i < length; i++) most = Math.max(most, Math.abs(x[i]));
    return most;
  },
};

type Term = Fold["term"];
export const itself: Term = (x) => x;

/** Σ of a term, block by block. */
export function sum(term: Term, x: FloatArray, y = x, z = x, scalar = 0): number {
  let total = 0;
  for (let start = 0; start < x.length; start += BLOCK)
    total += sumOfBlock(term, start, Math.min(start + BLOCK, x.length), x, y, z, scalar);
  return total;
}

/** Σ of a term from element `start` to `end` − 1, as one block. */
export function sumOfBlock(
  term: Term,
  start: number,
  end: number,
  x: FloatArray,
  y: FloatArray = x,
  z: FloatArray = x,
  scalar = 0,
): number {
  const at = (i: number) => term(x[i], y[i], z[i], scalar);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    a += at(i);
    b += at(i + 1);
    c += at(i + 2);
    d += at(i + 3);
    e += at(i + 4);
    f += at(i + 5);
    g += at(i + 6);
    h += at(i + 7);
  }
  for (; i < end; i++) a += at(i);
  return a + c + (e + g) + (b + d + (f + h));
}
