import { Lanes, Sign } from "../elementwise";

/** m ← beta1 · m + keep1 · g; v ← v − keep2 · sign(v − g²) · g²; p ← shrink · p − rate · m / (√v · root + eps) */
@final @unmanaged
class Yogi<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize,
    rate: v128, beta1: v128, keep1: v128, keep2: v128, root: v128, eps: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(exp_avg, full)), v128.mul<T>(keep1, grad));
    Lanes.write<T>(exp_avg, mean, full);
    const old = Lanes.read<T>(exp_avg_sq, full);
    const square = v128.mul<T>(grad, grad);
    const change = v128.mul<T>(keep2, v128.mul<T>(Sign.of<T>(v128.sub<T>(old, square)), square));
    const moment = v128.sub<T>(old, change);
    Lanes.write<T>(exp_avg_sq, moment, full);
    const step = v128.div<T>(v128.mul<T>(rate, mean), v128.add<T>(v128.mul<T>(v128.sqrt<T>(moment), root), eps));
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), step), full);
  }
}

export type yogi<T extends number> = Yogi<T>;
