import { BLOCK, PIECE } from "../common/chunks.ts";
import type { FloatArray } from "../common/types.ts";
import type { Operation, Reduction } from "../kernels/backend.ts";

// The mirror of assembly/reduce.ts: element i of a block goes to lane i mod 8, the rest of a last short turn to lane 0, and the lanes are
// added pairwise. Every fold has its own loop over its terms: V8 inlines no function into a loop that has called many.

/** Σ x² */
export const squares: Reduction = {
  kernel: "sum_of_squares",
  terms(out, n, start, x) {
    for (let i = 0; i < n; i++) out[i] = x[start + i] * x[start + i];
  },
};

/** Σ |x| */
export const magnitudes: Reduction = {
  kernel: "sum_of_magnitudes",
  terms(out, n, start, x) {
    for (let i = 0; i < n; i++) out[i] = Math.abs(x[start + i]);
  },
};

/** Σ x · y */
export const dot: Reduction = {
  kernel: "dot",
  terms(out, n, start, x, y) {
    for (let i = 0; i < n; i++) out[i] = x[start + i] * y[start + i];
  },
};

/** Σ (x − y)² */
export const squaredDistance: Reduction = {
  kernel: "squared_distance",
  terms(out, n, start, x, y) {
    for (let i = 0; i < n; i++) {
      const gap = x[start + i] - y[start + i];
      out[i] = gap * gap;
    }
  },
};

/** Σ x · (y − z) */
export const dotWithGap: Reduction = {
  kernel: "dot_with_gap",
  terms(out, n, start, x, y, z) {
    for (let i = 0; i < n; i++) out[i] = x[start + i] * (y[start + i] - z[start + i]);
  },
};

/** Σ x · y / (√z + scalar) */
export const dotOverRoot: Reduction = {
  kernel: "dot_over_root",
  terms(out, n, start, x, y, z, scalar) {
    for (let i = 0; i < n; i++) out[i] = (x[start + i] * y[start + i]) / (Math.sqrt(z[start + i]) + scalar);
  },
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

type Terms = Reduction["terms"];

/** x */
export const itself: Terms = (out, n, start, x) => {
  for (let i = 0; i < n; i++) out[i] = x[start + i];
};

/** A fold's sum, block by block. */
export function sum(terms: Terms, x: FloatArray, y = x, z = x, scalar = 0): number {
  let total = 0;
  for (let start = 0; start < x.length; start += BLOCK)
    total += sumOfBlock(terms, start, Math.min(start + BLOCK, x.length), x, y, z, scalar);
  return total;
}

const piece = new Float64Array(PIECE);

/** The sum of elements `start` to `end` − 1, as one block. */
export function sumOfBlock(
  terms: Terms,
  start: number,
  end: number,
  x: FloatArray,
  y: FloatArray = x,
  z: FloatArray = x,
  scalar = 0,
): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  for (let from = start; from < end; from += PIECE) {
    const n = Math.min(PIECE, end - from);
    terms(piece, n, from, x, y, z, scalar);
    let i = 0;
    for (; i + 8 <= n; i += 8) {
      a += piece[i];
      b += piece[i + 1];
      c += piece[i + 2];
      d += piece[i + 3];
      e += piece[i + 4];
      f += piece[i + 5];
      g += piece[i + 6];
      h += piece[i + 7];
    }
    for (; i < n; i++) a += piece[i];
  }
  return a + c + (e + g) + (b + d + (f + h));
}
