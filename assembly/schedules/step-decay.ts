import { Pow } from "../math/pow";
import { Curve, Series } from "../series";

/** init · rate^⌊k / every⌋ */
@final @unmanaged
class StepDecay extends Curve {
  @inline at(k: v128, init: f64, hi: f64, lo: f64, every: f64, e: f64, f: f64, g: f64): v128 {
    const drops = f64x2.floor(f64x2.div(k, f64x2.splat(every)));
    return f64x2.mul(f64x2.splat(init), Pow.ofLog2(f64x2.splat(hi), f64x2.splat(lo), drops));
  }
}

export function stepDecay(n: usize, out: usize, start: f64, init: f64, hi: f64, lo: f64, every: f64): void {
  Series.run<StepDecay>(n, out, start, init, hi, lo, every, 0, 0, 0);
}
