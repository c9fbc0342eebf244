import { Pow } from "../math/pow";
import { Curve, Series } from "../series";

/** init · rate^(k / steps), the exponent floored if staircase, held between floor and ceiling */
@final @unmanaged
class ExponentialDecay extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, init: f64, hi: f64, lo: f64, steps: f64, staircase: f64, floor: f64, ceiling: f64): v128 {
    let exponent = f64x2.div(k, f64x2.splat(steps));
    if (staircase != 0) exponent = f64x2.floor(exponent);
    const value = f64x2.mul(f64x2.splat(init), Pow.ofLog2(f64x2.splat(hi), f64x2.splat(lo), exponent));
    return f64x2.min(f64x2.max(value, f64x2.splat(floor)), f64x2.splat(ceiling));
  }
}

export function exponentialDecay(n: usize, out: usize, start: f64, init: f64, hi: f64, lo: f64, steps: f64, staircase: f64, floor: f64, ceiling: f64): void {
  Series.run<ExponentialDecay>(n, out, start, 0, 0, init, hi, lo, steps, staircase, floor, ceiling);
}
