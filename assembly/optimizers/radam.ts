import { Lanes } from "../elementwise";

/** m ← beta1 · m + keep1 · g; v ← beta2 · v + keep2 · g²; p ← shrink · p − rate · m / (√v + eps), the divisor 1 while not rectified */
@final @unmanaged
class Radam<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, eps: v128, rectified: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(exp_avg, full)), v128.mul<T>(keep1, grad));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(exp_avg_sq, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(exp_avg, mean, full);
    Lanes.write<T>(exp_avg_sq, square, full);
    // Chosen, not multiplied by 0: 0 · ∞ is NaN.
    const divisor = v128.bitselect(v128.add<T>(v128.sqrt<T>(square), eps), v128.splat<T>(<T>1), v128.ne<T>(rectified, i64x2.splat(0)));
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.div<T>(v128.mul<T>(rate, mean), divisor)), full);
  }
}

export type radam<T extends number> = Radam<T>;
