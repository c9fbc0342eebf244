import { Curve, Series } from "../series";

/** peak · k / warmup, then peak · √(timescale / (k − warmup + timescale)) */
@final @unmanaged
class InverseSqrtDecay extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, peak: f64, warmup: f64, timescale: f64, d: f64, e: f64, f: f64, g: f64): v128 {
    const scale = f64x2.splat(timescale), end = f64x2.splat(warmup);
    const time = f64x2.add(f64x2.sub(k, end), scale);
    const factor = v128.bitselect(f64x2.div(k, end), f64x2.sqrt(f64x2.div(scale, time)), f64x2.lt(k, end));
    return f64x2.mul(f64x2.splat(peak), factor);
  }
}

export function inverseSqrtDecay(n: usize, out: usize, start: f64, peak: f64, warmup: f64, timescale: f64): void {
  Series.run<InverseSqrtDecay>(n, out, start, 0, 0, peak, warmup, timescale, 0, 0, 0, 0);
}
