import { Lanes } from "../elementwise";

/** m ← beta1 · m + keep1 · g; v ← beta2 · v + keep2 · (g − m)² + eps; p ← shrink · p − rate · m / (√v · root + eps) */
@final @unmanaged
class Adabelief<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg: usize, exp_avg_var: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, root: v128, eps: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(exp_avg, full)), v128.mul<T>(keep1, grad));
    Lanes.write<T>(exp_avg, mean, full);
    const surprise = v128.sub<T>(grad, mean);
    const variance = v128.add<T>(v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(exp_avg_var, full)), v128.mul<T>(v128.mul<T>(keep2, surprise), surprise)), eps);
    Lanes.write<T>(exp_avg_var, variance, full);
    const step = v128.div<T>(v128.mul<T>(rate, mean), v128.add<T>(v128.mul<T>(v128.sqrt<T>(variance), root), eps));
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), step), full);
  }
}

export type adabelief<T extends number> = Adabelief<T>;
