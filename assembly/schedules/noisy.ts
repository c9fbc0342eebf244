import { Random } from "../math/random";
import { Threefry } from "../math/threefry";
import { Curve, Series } from "../series";

/** 1, and from index `from` until `until` more or less by a random number closer to 0 than `pct` */
@final @unmanaged
class Noisy extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, from: f64, until: f64, pct: f64, std: f64, seed: f64, uniform: f64, g: f64): v128 {
    const counter = Random.words(k), key = Random.words(f64x2.splat(seed));
    let noise = f64x2.splat(0);
    let open = v128.and(f64x2.ge(k, f64x2.splat(from)), f64x2.lt(k, f64x2.splat(until)));
    // An index leaves 11 bits of the upper word to spare: they count the attempts.
    for (let attempt = counter; v128.any_true(open); attempt = i64x2.add(attempt, i64x2.splat(0x20000000000000))) {
      const bits = Threefry.of(attempt, key);
      const drawn = uniform != 0
        ? f64x2.mul(f64x2.splat(pct), f64x2.sub(f64x2.mul(f64x2.splat(2), Random.uniform(bits)), f64x2.splat(1)))
        : f64x2.mul(f64x2.splat(std), Random.normal(bits));
      noise = v128.bitselect(drawn, noise, open);
      open = v128.and(open, f64x2.ge(f64x2.abs(noise), f64x2.splat(pct)));
    }
    return f64x2.add(f64x2.splat(1), noise);
  }
}

export function noisy(n: usize, out: usize, start: f64, from: f64, until: f64, pct: f64, std: f64, seed: f64, uniform: f64): void {
  Series.run<Noisy>(n, out, start, 0, 0, from, until, pct, std, seed, uniform, 0);
}
