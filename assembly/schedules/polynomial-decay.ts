import { Lerp } from "../math/lerp";
import { Pow } from "../math/pow";
import { Curve, Series } from "../series";

/** From init to end as (1 − k / span)^power or, if rising, from end to init as (k / span)^power; span is steps or, if cycle, its next multiple */
@final @unmanaged
class PolynomialDecay extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, steps: f64, init: f64, end: f64, power: f64, cycle: f64, rising: f64, g: f64): v128 {
    let span = f64x2.splat(steps);
    if (cycle != 0) span = f64x2.mul(span, f64x2.max(f64x2.ceil(f64x2.div(k, span)), f64x2.splat(1)));
    let rest = f64x2.div(k, span);
    if (rising == 0) rest = f64x2.sub(f64x2.splat(1), rest);
    if (power != 1) rest = Pow.of(rest, f64x2.splat(power));
    return Lerp.of(f64x2.splat(init), f64x2.splat(end), rest);
  }
}

export function polynomialDecay(
  n: usize, out: usize, start: f64, after: i32, steps: f64, init: f64, end: f64, power: f64, cycle: f64, rising: f64
): void {
  Series.until<PolynomialDecay>(n, out, start, 0, 0, after, steps, init, end, power, cycle, rising, 0);
}
