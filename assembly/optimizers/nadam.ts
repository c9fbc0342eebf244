import { Lanes } from "../elementwise";

/** m ← beta1 · m + keep1 · g; v ← beta2 · v + keep2 · g²; p ← shrink · p − (rate · g + ahead · m) / (√v · root + eps) */
@final @unmanaged
class Nadam<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize,
    rate: v128, ahead: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, root: v128, eps: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(exp_avg, full)), v128.mul<T>(keep1, grad));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(exp_avg_sq, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(exp_avg, mean, full);
    Lanes.write<T>(exp_avg_sq, square, full);
    const denominator = v128.add<T>(v128.mul<T>(v128.sqrt<T>(square), root), eps);
    const step = v128.div<T>(v128.add<T>(v128.mul<T>(rate, grad), v128.mul<T>(ahead, mean)), denominator);
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), step), full);
  }
}

export type nadam<T extends number> = Nadam<T>;
