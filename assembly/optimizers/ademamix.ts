import { Lanes, Wide } from "../elementwise";

/** fast, slow and square means of g; p ← shrink · p − (fast · m1 + slow · m2) / (√v · root + eps) */
@final @unmanaged
class Ademamix<T extends number> extends Wide {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg_fast: usize, exp_avg_slow: usize, exp_avg_sq: usize,
    fast: v128, slow: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, beta3: v128, keep3: v128, root: v128, eps: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const quick = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(exp_avg_fast, full)), v128.mul<T>(keep1, grad));
    const mean = v128.add<T>(v128.mul<T>(beta3, Lanes.read<T>(exp_avg_slow, full)), v128.mul<T>(keep3, grad));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(exp_avg_sq, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(exp_avg_fast, quick, full);
    Lanes.write<T>(exp_avg_slow, mean, full);
    Lanes.write<T>(exp_avg_sq, square, full);
    const direction = v128.add<T>(v128.mul<T>(fast, quick), v128.mul<T>(slow, mean));
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.div<T>(direction, v128.add<T>(v128.mul<T>(v128.sqrt<T>(square), root), eps))), full);
  }
}

export type ademamix<T extends number> = Ademamix<T>;
