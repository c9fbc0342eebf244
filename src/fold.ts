import type { FloatArray } from "./backend.ts";
import { BLOCK } from "./backends/pieces.ts";

// The mirror of assembly/fold.ts: element i of a block goes to lane i mod 8, the rest of a last short turn to lane 0, and the lanes are
// added pairwise.

export type Term = (x: number) => number;
export const itself: Term = (x) => x;
export const square: Term = (x) => x * x;

/** Σ of a term, block by block. */
export function sum(term: Term, x: FloatArray): number {
  let total = 0;
  for (let start = 0; start < x.length; start += BLOCK)
    total += sumOfBlock(term, x, start, Math.min(start + BLOCK, x.length));
  return total;
}

/** Σ of a term over x[start] to x[end − 1], as one block. */
export function sumOfBlock(term: Term, x: FloatArray, start: number, end: number): number {
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
    a += term(x[i]);
    b += term(x[i + 1]);
    c += term(x[i + 2]);
    d += term(x[i + 3]);
    e += term(x[i + 4]);
    f += term(x[i + 5]);
    g += term(x[i + 6]);
    h += term(x[i + 7]);
  }
  for (; i < end; i++) a += term(x[i]);
  return a + c + (e + g) + (b + d + (f + h));
}
