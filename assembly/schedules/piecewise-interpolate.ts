import { Cospi } from "../math/cospi";
import { Lerp } from "../math/lerp";
import { Curve, Series } from "../series";

/** From value to value between the boundaries, the first from index 0 on. The list: the boundaries, then a value more than they are. */
@final @unmanaged
class PiecewiseInterpolate extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, steps: f64, cosine: f64, c: f64, d: f64, e: f64, f: f64, g: f64): v128 {
    const values = list + (count >> 1 << 3);
    let begin = f64x2.splat(0), end = v128.load64_splat(list);
    let from = v128.load64_splat(values), to = v128.load64_splat(values, 8);
    for (let boundary = list + 8, value = values + 16; boundary < values; boundary += 8, value += 8) {
      const passed = f64x2.ge(k, end);
      begin = v128.bitselect(end, begin, passed);
      from = v128.bitselect(to, from, passed);
      end = v128.bitselect(v128.load64_splat(boundary), end, passed);
      to = v128.bitselect(v128.load64_splat(value), to, passed);
    }
    const time = f64x2.div(f64x2.sub(k, begin), f64x2.sub(end, begin));
    let rest = f64x2.sub(f64x2.splat(1), time);
    if (cosine != 0) rest = f64x2.add(f64x2.mul(Cospi.of(time), f64x2.splat(0.5)), f64x2.splat(0.5));
    return v128.bitselect(to, Lerp.of(from, to, rest), f64x2.ge(k, end));
  }
}

export function piecewiseInterpolate(n: usize, out: usize, start: f64, list: usize, count: usize, after: i32, steps: f64, cosine: f64): void {
  Series.until<PiecewiseInterpolate>(n, out, start, list, count, after, steps, cosine, 0, 0, 0, 0, 0);
}
