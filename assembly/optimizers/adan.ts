import { Lanes, Rule, Sweep } from "../sweep";

/** means of g, of its change d and of (g + beta2 · d)²; p ← (p − (rate · m + ahead · v) / (√n + eps)) · shrink */
@final @unmanaged
class Adan<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, ahead: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, beta3: v128, keep3: v128, eps: v128, shrink: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    // Moment by moment, as eleven scalars and four moments do not fit into the registers at once.
    const change = v128.add<T>(grad, Lanes.read<T>(v, full));
    // 2 % faster than neg, whose mask V8 makes anew every time.
    Lanes.write<T>(v, v128.xor(grad, v128.splat<T>(<T>-0.0)), full);
    const forecast = v128.add<T>(grad, v128.mul<T>(beta2, change));
    const square = v128.add<T>(v128.mul<T>(beta3, Lanes.read<T>(u, full)), v128.mul<T>(v128.mul<T>(keep3, forecast), forecast));
    Lanes.write<T>(u, square, full);
    const denominator = v128.add<T>(v128.sqrt<T>(square), eps);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(s, full)), v128.mul<T>(keep1, grad));
    Lanes.write<T>(s, mean, full);
    const trend = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(t, full)), v128.mul<T>(keep2, change));
    Lanes.write<T>(t, trend, full);
    const direction = v128.add<T>(v128.mul<T>(rate, mean), v128.mul<T>(ahead, trend));
    Lanes.write<T>(p, v128.mul<T>(v128.sub<T>(Lanes.read<T>(p, full), v128.div<T>(direction, denominator)), shrink), full);
  }
}

export function adan_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_diff: usize, exp_avg_sq: usize, neg_pre_grad: usize, c: usize): void {
  Sweep.wide<Adan<f32>>(n, p, g, exp_avg, exp_avg_diff, exp_avg_sq, neg_pre_grad, c);
}
export function adan_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_diff: usize, exp_avg_sq: usize, neg_pre_grad: usize, c: usize): void {
  Sweep.run<Adan<f64>, f64>(n, p, g, exp_avg, exp_avg_diff, exp_avg_sq, neg_pre_grad, c);
}
