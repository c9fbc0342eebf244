import { Curve, Series } from "../series";

/** The value that stands at the number of boundaries ≤ k. The list: the boundaries, then a value more than they are. */
@final @unmanaged
class PiecewiseConstant extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64): v128 {
    const values = list + (count >> 1 << 3);
    let value = v128.load64_splat(values);
    for (let boundary = list, next = values + 8; boundary < values; boundary += 8, next += 8)
      value = v128.bitselect(v128.load64_splat(next), value, f64x2.ge(k, v128.load64_splat(boundary)));
    return value;
  }
}

export function piecewiseConstant(n: usize, out: usize, start: f64, list: usize, count: usize): void {
  Series.run<PiecewiseConstant>(n, out, start, list, count, 0, 0, 0, 0, 0, 0, 0);
}
