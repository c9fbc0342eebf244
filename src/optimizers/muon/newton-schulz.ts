import type { Fields } from "../../common/named-scalars.ts";
import type { FloatArray, Matrix } from "../../common/types.ts";
import type { Context } from "../../engine/spec.ts";
import { Form, matmul, panelOf } from "../../ops/matmul.ts";

/** What the three products of an iteration multiply their `d` and their product by, pair by pair. */
export const scalars = ["gramKeep", "gramScale", "squareKeep", "squareScale", "nextKeep", "nextScale"] as const;

/** Those of x ← a · x + (b · A + c · A²) · x, with A = x · xᵀ. */
export function coefficients(a: number, b: number, c: number, out: Fields<(typeof scalars)[number]>): void {
  out.gramKeep = 0;
  out.gramScale = 1;
  out.squareKeep = b;
  out.squareScale = c;
  out.nextKeep = a;
  out.nextScale = 1;
}

/** What an iteration needs besides x and its successor. */
export function scratch({ rows, columns }: Matrix): Readonly<Record<string, number>> {
  const side = Math.min(rows, columns);
  return { gram: side * side, polynomial: side * side, panel: panelOf(Math.max(rows, columns)) };
}

/**
 * Binds an iteration of Newton and Schulz from `x` to `next`: a quintic polynomial of the singular values, whose vectors stay. A is taken on
 * the shorter side, as xᵀ · x of a tall matrix, which gives what transposing it would.
 *
 * @param c begins with the scalars
 */
export function newtonSchulz(
  { backend, dtype }: Context,
  { rows, columns }: Matrix,
  x: FloatArray,
  next: FloatArray,
  { gram, polynomial, panel }: Readonly<Record<string, FloatArray>>,
  c: FloatArray,
): () => void {
  const wide = rows <= columns;
  const [side, other] = wide ? [rows, columns] : [columns, rows];
  const form = wide ? Form.XXT : Form.XTX;
  const [left, right] = wide ? [polynomial, x] : [x, polynomial];
  const pair = (i: number) => c.subarray(2 * i, 2 * i + 2);
  const squared = [gram, gram, gram, polynomial] as const;
  const outer = backend.operation(matmul, dtype, form, side, side, other, x, x, gram, gram, pair(0), panel);
  const even = backend.operation(matmul, dtype, Form.XXT, side, side, side, ...squared, pair(1), panel);
  const step = backend.operation(matmul, dtype, Form.AB, rows, columns, side, left, right, x, next, pair(2), panel);
  return () => {
    outer();
    even();
    step();
  };
}
