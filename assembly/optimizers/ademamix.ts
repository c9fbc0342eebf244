import { Lanes, Rule, Sweep } from "../sweep";

/** fast, slow and square means of g; p ← shrink · p − (fast · m1 + slow · m2) / (√v · root + eps) */
@final @unmanaged
class Ademamix<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    fast: v128, slow: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, beta3: v128, keep3: v128, root: v128, eps: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const quick = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(s, full)), v128.mul<T>(keep1, grad));
    const mean = v128.add<T>(v128.mul<T>(beta3, Lanes.read<T>(t, full)), v128.mul<T>(keep3, grad));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(u, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(s, quick, full);
    Lanes.write<T>(t, mean, full);
    Lanes.write<T>(u, square, full);
    const direction = v128.add<T>(v128.mul<T>(fast, quick), v128.mul<T>(slow, mean));
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.div<T>(direction, v128.add<T>(v128.mul<T>(v128.sqrt<T>(square), root), eps))), full);
  }
}

export function ademamix_f32(n: usize, p: usize, g: usize, exp_avg_fast: usize, exp_avg_slow: usize, exp_avg_sq: usize, v: usize, c: usize): void {
  Sweep.wide<Ademamix<f32>>(n, p, g, exp_avg_fast, exp_avg_slow, exp_avg_sq, v, c);
}
export function ademamix_f64(n: usize, p: usize, g: usize, exp_avg_fast: usize, exp_avg_slow: usize, exp_avg_sq: usize, v: usize, c: usize): void {
  Sweep.run<Ademamix<f64>, f64>(n, p, g, exp_avg_fast, exp_avg_slow, exp_avg_sq, v, c);
}
