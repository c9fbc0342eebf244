import { Cospi } from "../math/cospi";
import { Lerp } from "../math/lerp";
import { Pow } from "../math/pow";
import { Curve, Series } from "../series";

/** Cosine decays one after the other, each `stepsFactor` times as long as the one before; hi + lo is log2 of what multiplies the peaks or, if height, what they are above end */
@final @unmanaged
class CosineRestarts extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, init: f64, end: f64, steps: f64, stepsFactor: f64, hi: f64, lo: f64, height: f64): v128 {
    let length = f64x2.splat(steps);
    let cycle = f64x2.floor(f64x2.div(k, length));
    let begin = f64x2.mul(cycle, length);
    if (stepsFactor > 1) {
      cycle = begin = f64x2.splat(0);
      let over = f64x2.ge(k, length);
      while (v128.any_true(over)) {
        begin = v128.bitselect(f64x2.add(begin, length), begin, over);
        length = v128.bitselect(f64x2.mul(length, f64x2.splat(stepsFactor)), length, over);
        cycle = f64x2.add(cycle, v128.and(over, f64x2.splat(1)));
        over = v128.and(over, f64x2.ge(k, f64x2.add(begin, length)));
      }
    }
    const amplitude = Pow.ofLog2(f64x2.splat(hi), f64x2.splat(lo), cycle);
    const half = f64x2.splat(0.5);
    const rest = f64x2.add(f64x2.mul(Cospi.of(f64x2.div(f64x2.sub(k, begin), length)), half), half);
    const foot = f64x2.splat(end);
    const peak = height != 0 ? Lerp.of(f64x2.splat(init), foot, amplitude) : f64x2.mul(f64x2.splat(init), amplitude);
    return Lerp.of(peak, foot, rest);
  }
}

export function cosineRestarts(n: usize, out: usize, start: f64, init: f64, end: f64, steps: f64, stepsFactor: f64, hi: f64, lo: f64, height: f64): void {
  Series.run<CosineRestarts>(n, out, start, 0, 0, init, end, steps, stepsFactor, hi, lo, height);
}
