import { Lanes, Rule, Sweep } from "../sweep";

/** m ← beta1 · m + keep1 · g; v ← beta2 · v + keep2 · g²; p ← shrink · p − rate · m / (√v + eps), the divisor 1 while not rectified */
@final @unmanaged
class Radam<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, eps: v128, rectified: v128, shrink: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(s, full)), v128.mul<T>(keep1, grad));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(t, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(s, mean, full);
    Lanes.write<T>(t, square, full);
    // Chosen, not multiplied by 0: 0 · ∞ is NaN.
    const divisor = v128.bitselect(v128.add<T>(v128.sqrt<T>(square), eps), v128.splat<T>(<T>1), v128.ne<T>(rectified, i64x2.splat(0)));
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.div<T>(v128.mul<T>(rate, mean), divisor)), full);
  }
}

export function radam_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Radam<f32>, f32>(n, p, g, exp_avg, exp_avg_sq, u, v, c);
}
export function radam_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Radam<f64>, f64>(n, p, g, exp_avg, exp_avg_sq, u, v, c);
}
