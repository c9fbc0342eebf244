import { Lanes } from "../elementwise";

/** m ← beta1 · m + keep1 · clamp(g / max(√v, eps), ± clip); p ← shrink · p − rate · m; then v ← beta2 · v + keep2 · g² */
@final @unmanaged
class Adopt<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, eps: v128, ceiling: v128, floor: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const square = Lanes.read<T>(exp_avg_sq, full);
    // pmax and pmin with the computed value first let a NaN through.
    const normed = v128.div<T>(grad, v128.pmax<T>(v128.sqrt<T>(square), eps));
    const clipped = v128.pmax<T>(v128.pmin<T>(normed, ceiling), floor);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(exp_avg, full)), v128.mul<T>(keep1, clipped));
    Lanes.write<T>(exp_avg, mean, full);
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.mul<T>(rate, mean)), full);
    Lanes.write<T>(exp_avg_sq, v128.add<T>(v128.mul<T>(beta2, square), v128.mul<T>(v128.mul<T>(keep2, grad), grad)), full);
  }
}

export type adopt<T extends number> = Adopt<T>;
