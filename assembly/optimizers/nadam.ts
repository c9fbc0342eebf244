import { Lanes, Rule, Sweep } from "../sweep";

/** m ← beta1 · m + keep1 · g; v ← beta2 · v + keep2 · g²; p ← shrink · p − (rate · g + ahead · m) / (√v · root + eps) */
@final @unmanaged
class Nadam<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, ahead: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, root: v128, eps: v128, shrink: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(s, full)), v128.mul<T>(keep1, grad));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(t, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(s, mean, full);
    Lanes.write<T>(t, square, full);
    const denominator = v128.add<T>(v128.mul<T>(v128.sqrt<T>(square), root), eps);
    const step = v128.div<T>(v128.add<T>(v128.mul<T>(rate, grad), v128.mul<T>(ahead, mean)), denominator);
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), step), full);
  }
}

export function nadam_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Nadam<f32>, f32>(n, p, g, exp_avg, exp_avg_sq, u, v, c);
}
export function nadam_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Nadam<f64>, f64>(n, p, g, exp_avg, exp_avg_sq, u, v, c);
}
