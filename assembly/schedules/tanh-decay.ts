import { Exp2 } from "../math/exp2";
import { Lerp } from "../math/lerp";
import { Curve, Series } from "../series";

/** From init to end as ½ − ½ tanh, from lower to upper: 1 / (1 + 2^(lower + (upper − lower) · k / steps)), both bounds in units that make it so */
@final @unmanaged
class TanhDecay extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, steps: f64, init: f64, end: f64, lower: f64, upper: f64, f: f64, g: f64): v128 {
    const one = f64x2.splat(1);
    const exponent = Lerp.of(f64x2.splat(upper), f64x2.splat(lower), f64x2.div(k, f64x2.splat(steps)));
    const rest = f64x2.div(one, f64x2.add(one, Exp2.of(exponent, f64x2.splat(0))));
    return Lerp.of(f64x2.splat(init), f64x2.splat(end), rest);
  }
}

export function tanhDecay(n: usize, out: usize, start: f64, after: i32, steps: f64, init: f64, end: f64, lower: f64, upper: f64): void {
  Series.until<TanhDecay>(n, out, start, 0, 0, after, steps, init, end, lower, upper, 0, 0);
}
