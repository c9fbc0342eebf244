import { Lerp } from "../math/lerp";
import { Curve, Series } from "../series";

/** From init to end as (1 − k / steps) / (1 − k / 2 steps) */
@final @unmanaged
class Rex extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, steps: f64, init: f64, end: f64, d: f64, e: f64, f: f64, g: f64): v128 {
    const one = f64x2.splat(1);
    const time = f64x2.div(k, f64x2.splat(steps));
    const rest = f64x2.div(f64x2.sub(one, time), f64x2.sub(one, f64x2.mul(time, f64x2.splat(0.5))));
    return Lerp.of(f64x2.splat(init), f64x2.splat(end), rest);
  }
}

export function rex(n: usize, out: usize, start: f64, after: i32, steps: f64, init: f64, end: f64): void {
  Series.until<Rex>(n, out, start, 0, 0, after, steps, init, end, 0, 0, 0, 0);
}
