import { exp2 } from "./exp2.ts";
import { log2, type Pair } from "./log2.ts";
import { lost } from "./product.ts";

const pair: Pair = { hi: 0, lo: 0 };

/** x^y for x ≥ 0, and y > 0 where x is 0, within 2 ulp of the exact value and the same bits on every engine. The mirror of assembly/math/pow.ts. */
export function pow(x: number, y: number): number {
  // 0, or a NaN, which so comes through.
  if (!(x > 0)) return x;
  const { hi, lo } = log2(x, pair);
  return powOfLog2(hi, lo, y);
}

/** x^y for a base whose binary logarithm is hi + lo. */
export function powOfLog2(hi: number, lo: number, y: number): number {
  const p = hi * y;
  return exp2(p, lost(hi, y, p) + lo * y);
}
