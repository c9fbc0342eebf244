import { Lanes } from "./elementwise";

/**
 * A schedule's closed form at two update indices `k`, with its constants `a` to `g` and its list of `count` numbers; `x` is how many bytes
 * of values come before, for what lies in memory beside them. What elementwise.ts says of rules holds here too.
 */
@unmanaged
export class Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64): v128 { return k; }
}

/** What comes after the last step. The mirror of src/schedules/core/after.ts, where the numbers are. */
export class After {
  /** The index to evaluate for `k`. */
  @inline static index(k: v128, after: i32, steps: f64): v128 {
    if (after == 4) return k;
    const end = f64x2.splat(steps);
    if (after != 1) return v128.pmin<f64>(k, end);
    const period = f64x2.add(end, end);
    const position = f64x2.sub(k, f64x2.mul(f64x2.floor(f64x2.div(k, period)), period));
    return f64x2.max(f64x2.min(position, f64x2.sub(period, position)), f64x2.splat(0));
  }

  /** The value for `k`. */
  @inline static value(k: v128, after: i32, steps: f64, value: v128): v128 {
    return after == 2 ? v128.andnot(value, f64x2.gt(k, f64x2.splat(steps))) : value;
  }
}

export class Series {
  /** Writes the `n` values from index `start` on to `out`. */
  @inline static run<C extends Curve>(
    n: usize, out: usize, start: f64, list: usize, count: usize, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64
  ): void {
    Series.loop<C>(false, n, out, start, list, count, 0, 0, a, b, c, d, e, f, g);
  }

  /** The same for what has a last step. */
  @inline static until<C extends Curve>(
    n: usize, out: usize, start: f64, list: usize, count: usize, after: i32, steps: f64, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64
  ): void {
    Series.loop<C>(true, n, out, start, list, count, after, steps, steps, a, b, c, d, e, f);
  }

  @inline static loop<C extends Curve>(
    ends: bool, n: usize, out: usize, start: f64, list: usize, count: usize, after: i32, steps: f64,
    a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64
  ): void {
    let k = f64x2.add(f64x2.splat(start), f64x2.replace_lane(f64x2.splat(0), 1, 1));
    for (let x: usize = 0; n > 0; n -= 2, x += 16) {
      let values = changetype<C>(0).at(ends ? After.index(k, after, steps) : k, x, list, count, a, b, c, d, e, f, g);
      if (ends) values = After.value(k, after, steps, values);
      Lanes.write<f64>(out + x, values, n > 1);
      if (n == 1) return;
      k = f64x2.add(k, f64x2.splat(2));
    }
  }
}
