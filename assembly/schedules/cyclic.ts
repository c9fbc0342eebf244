import { Pow } from "../math/pow";
import { Curve, Series } from "../series";

/** min + (max − min) · height · amplitude: a triangle of `up` steps up and `down` steps down, shrunk by 2^(hi + lo) each index or, if `halving`, each cycle */
@final @unmanaged
class Cyclic extends Curve {
  @inline at(k: v128, x: usize, list: usize, count: usize, min: f64, max: f64, up: f64, down: f64, halving: f64, hi: f64, lo: f64): v128 {
    const total = f64x2.splat(up + down);
    const cycle = f64x2.floor(f64x2.div(k, total));
    const position = f64x2.sub(k, f64x2.mul(cycle, total));
    const rising = f64x2.div(position, f64x2.splat(up));
    const falling = f64x2.div(f64x2.sub(total, position), f64x2.splat(down));
    const height = v128.bitselect(rising, falling, f64x2.le(position, f64x2.splat(up)));
    const amplitude = Pow.ofLog2(f64x2.splat(hi), f64x2.splat(lo), halving != 0 ? cycle : k);
    const value = f64x2.add(f64x2.mul(f64x2.mul(f64x2.splat(max - min), height), amplitude), f64x2.splat(min));
    return v128.bitselect(f64x2.splat(min), value, f64x2.eq(height, f64x2.splat(0)));
  }
}

export function cyclic(n: usize, out: usize, start: f64, min: f64, max: f64, up: f64, down: f64, halving: f64, hi: f64, lo: f64): void {
  Series.run<Cyclic>(n, out, start, 0, 0, min, max, up, down, halving, hi, lo);
}
