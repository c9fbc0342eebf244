import { Lanes, Rule, Sweep } from "../sweep";

/** p ← shrink · p − rate · g; ax ← ax + mu · (p − ax), or p while not averaging */
@final @unmanaged
class Asgd<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, shrink: v128, mu: v128, averaging: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const next = v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.mul<T>(rate, grad));
    Lanes.write<T>(p, next, full);
    const mean = Lanes.read<T>(s, full);
    const average = v128.add<T>(mean, v128.mul<T>(v128.sub<T>(next, mean), mu));
    Lanes.write<T>(s, v128.bitselect(average, next, v128.ne<T>(averaging, i64x2.splat(0))), full);
  }
}

export function asgd_f32(n: usize, p: usize, g: usize, ax: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Asgd<f32>, f32>(n, p, g, ax, t, u, v, c);
}
export function asgd_f64(n: usize, p: usize, g: usize, ax: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Asgd<f64>, f64>(n, p, g, ax, t, u, v, c);
}
