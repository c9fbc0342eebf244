import { Curve, Series } from "../series";

/** The values at `list` times those at `others` */
@final @unmanaged
class Product extends Curve {
  @inline at(k: v128, x: usize, list: usize, others: usize, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64): v128 {
    return f64x2.mul(v128.load(list + x), v128.load(others + x));
  }
}

export function product(n: usize, out: usize, others: usize): void {
  Series.run<Product>(n, out, 0, out, others, 0, 0, 0, 0, 0, 0, 0);
}
