import { Lanes } from "./sweep";

/** A schedule's closed form at two update indices `k`, with its constants `a` to `g`. Rules of assembly/sweep.ts apply. */
@unmanaged
export class Curve {
  @inline at(k: v128, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64): v128 { return k; }
}

export class Series {
  /** Writes the `n` values from index `start` on to `out`. */
  @inline static run<C extends Curve>(n: usize, out: usize, start: f64, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64): void {
    let k = f64x2.add(f64x2.splat(start), f64x2.replace_lane(f64x2.splat(0), 1, 1));
    for (; n > 0; n -= 2, out += 16) {
      const values = changetype<C>(0).at(k, a, b, c, d, e, f, g);
      Lanes.write<f64>(out, values, n > 1);
      if (n == 1) return;
      k = f64x2.add(k, f64x2.splat(2));
    }
  }
}
