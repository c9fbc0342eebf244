import { Curve, Series } from "../series";

/** init / (1 + rate · k / steps), the quotient k / steps floored if staircase */
@final @unmanaged
class InverseTimeDecay extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, init: f64, rate: f64, steps: f64, staircase: f64, e: f64, f: f64, g: f64): v128 {
    let time = f64x2.div(k, f64x2.splat(steps));
    if (staircase != 0) time = f64x2.floor(time);
    return f64x2.div(f64x2.splat(init), f64x2.add(f64x2.splat(1), f64x2.mul(f64x2.splat(rate), time)));
  }
}

export function inverseTimeDecay(n: usize, out: usize, start: f64, init: f64, rate: f64, steps: f64, staircase: f64): void {
  Series.run<InverseTimeDecay>(n, out, start, 0, 0, init, rate, steps, staircase, 0, 0, 0);
}
