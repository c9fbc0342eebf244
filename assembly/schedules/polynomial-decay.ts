import { Pow } from "../math/pow";
import { Curve, Series } from "../series";

/** end + (init − end) · (1 − min(k, span) / span)^power, where span is steps or, if cycle, the next multiple of steps */
@final @unmanaged
class PolynomialDecay extends Curve {
  @inline at(k: v128, init: f64, end: f64, steps: f64, power: f64, cycle: f64, f: f64, g: f64): v128 {
    let span = f64x2.splat(steps);
    if (cycle != 0) span = f64x2.mul(span, f64x2.max(f64x2.ceil(f64x2.div(k, span)), f64x2.splat(1)));
    let rest = f64x2.sub(f64x2.splat(1), f64x2.div(f64x2.min(k, span), span));
    if (power != 1) rest = Pow.of(rest, f64x2.splat(power));
    return f64x2.add(f64x2.mul(f64x2.splat(init - end), rest), f64x2.splat(end));
  }
}

export function polynomialDecay(n: usize, out: usize, start: f64, init: f64, end: f64, steps: f64, power: f64, cycle: f64): void {
  Series.run<PolynomialDecay>(n, out, start, init, end, steps, power, cycle, 0, 0);
}
