import { Lanes, Rule, Sweep } from "../sweep";

/** m ← beta1 · m + keep1 · g; u ← max(beta2 · u, |g| + eps); p ← p − rate · m / (u + epsDivisor) */
@final @unmanaged
class Adamax<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, eps: v128, epsDivisor: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(s, full)), v128.mul<T>(keep1, grad));
    Lanes.write<T>(s, mean, full);
    // pmax in this order, size < old ? old : size, lets a NaN gradient through.
    const norm = v128.pmax<T>(v128.add<T>(v128.abs<T>(grad), eps), v128.mul<T>(beta2, Lanes.read<T>(t, full)));
    Lanes.write<T>(t, norm, full);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), v128.div<T>(v128.mul<T>(rate, mean), v128.add<T>(norm, epsDivisor))), full);
  }
}

export function adamax_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_inf: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adamax<f32>, f32>(n, p, g, exp_avg, exp_inf, u, v, c);
}
export function adamax_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_inf: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adamax<f64>, f64>(n, p, g, exp_avg, exp_inf, u, v, c);
}
