import { Pow } from "../math/pow";
import { Curve, Series } from "../series";

/** init · rate^(number of milestones ≤ k), the milestones as f64 from address `list` on */
@final @unmanaged
class MultiStepDecay extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, init: f64, hi: f64, lo: f64, d: f64, e: f64, f: f64, g: f64): v128 {
    let drops = f64x2.splat(0);
    const end = list + (count << 3);
    for (let milestone = list; milestone < end; milestone += 8) {
      const passed = f64x2.ge(k, v128.load64_splat(milestone));
      drops = f64x2.add(drops, v128.and(passed, f64x2.splat(1)));
    }
    return f64x2.mul(f64x2.splat(init), Pow.ofLog2(f64x2.splat(hi), f64x2.splat(lo), drops));
  }
}

export function multiStepDecay(n: usize, out: usize, start: f64, list: usize, count: usize, init: f64, hi: f64, lo: f64): void {
  Series.run<MultiStepDecay>(n, out, start, list, count, init, hi, lo, 0, 0, 0, 0);
}
