import { Curve, Series } from "../series";

/** The values at `list`, brought to between min and max */
@final @unmanaged
class Clamp extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, min: f64, max: f64, c: f64, d: f64, e: f64, f: f64, g: f64): v128 {
    return f64x2.min(f64x2.max(v128.load(list + x), f64x2.splat(min)), f64x2.splat(max));
  }
}

export function clamp(n: usize, out: usize, min: f64, max: f64): void {
  Series.run<Clamp>(n, out, 0, out, 0, min, max, 0, 0, 0, 0, 0);
}
