import { Curve, Series } from "../series";

@final @unmanaged
class Constant extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, value: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64): v128 {
    return f64x2.splat(value);
  }
}

export function constant(n: usize, out: usize, start: f64, value: f64): void {
  Series.run<Constant>(n, out, start, 0, 0, value, 0, 0, 0, 0, 0, 0);
}
