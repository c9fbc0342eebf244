import { Lanes, Rule, Sweep } from "../sweep";

/** means of g, of its change d and of (g + beta2 · d)²; p ← (p − (rate · m + ahead · v) / (√n · root + eps)) · shrink */
@final @unmanaged
class Adan<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, ahead: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, beta3: v128, keep3: v128, root: v128, eps: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const change = v128.add<T>(grad, Lanes.read<T>(v, full));
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(s, full)), v128.mul<T>(keep1, grad));
    const trend = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(t, full)), v128.mul<T>(keep2, change));
    const forecast = v128.add<T>(grad, v128.mul<T>(beta2, change));
    const square = v128.add<T>(v128.mul<T>(beta3, Lanes.read<T>(u, full)), v128.mul<T>(v128.mul<T>(keep3, forecast), forecast));
    Lanes.write<T>(s, mean, full);
    Lanes.write<T>(t, trend, full);
    Lanes.write<T>(u, square, full);
    Lanes.write<T>(v, v128.neg<T>(grad), full);
    const step = v128.div<T>(v128.add<T>(v128.mul<T>(rate, mean), v128.mul<T>(ahead, trend)), v128.add<T>(v128.mul<T>(v128.sqrt<T>(square), root), eps));
    Lanes.write<T>(p, v128.mul<T>(v128.sub<T>(Lanes.read<T>(p, full), step), shrink), full);
  }
}

export function adan_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_diff: usize, exp_avg_sq: usize, neg_pre_grad: usize, c: usize): void {
  Sweep.run<Adan<f32>, f32>(n, p, g, exp_avg, exp_avg_diff, exp_avg_sq, neg_pre_grad, c);
}
export function adan_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_diff: usize, exp_avg_sq: usize, neg_pre_grad: usize, c: usize): void {
  Sweep.run<Adan<f64>, f64>(n, p, g, exp_avg, exp_avg_diff, exp_avg_sq, neg_pre_grad, c);
}
