import { Lanes, Wide } from "../elementwise";

/** means of g, of its change d and of (g + beta2 · d)²; p ← (p − (rate · m + ahead · v) / (√n + eps)) · shrink */
@final @unmanaged
class Adan<T extends number> extends Wide {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg: usize, exp_avg_diff: usize, exp_avg_sq: usize, neg_pre_grad: usize,
    rate: v128, ahead: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, beta3: v128, keep3: v128, eps: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    // Moment by moment, as eleven scalars and four moments do not fit into the registers at once.
    const change = v128.add<T>(grad, Lanes.read<T>(neg_pre_grad, full));
    // 2 % faster than neg, whose mask V8 makes anew every time.
    Lanes.write<T>(neg_pre_grad, v128.xor(grad, v128.splat<T>(<T>-0.0)), full);
    const forecast = v128.add<T>(grad, v128.mul<T>(beta2, change));
    const square = v128.add<T>(v128.mul<T>(beta3, Lanes.read<T>(exp_avg_sq, full)), v128.mul<T>(v128.mul<T>(keep3, forecast), forecast));
    Lanes.write<T>(exp_avg_sq, square, full);
    const denominator = v128.add<T>(v128.sqrt<T>(square), eps);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(exp_avg, full)), v128.mul<T>(keep1, grad));
    Lanes.write<T>(exp_avg, mean, full);
    const trend = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(exp_avg_diff, full)), v128.mul<T>(keep2, change));
    Lanes.write<T>(exp_avg_diff, trend, full);
    const direction = v128.add<T>(v128.mul<T>(rate, mean), v128.mul<T>(ahead, trend));
    Lanes.write<T>(p, v128.mul<T>(v128.sub<T>(Lanes.read<T>(p, full), v128.div<T>(direction, denominator)), shrink), full);
  }
}

export type adan<T extends number> = Adan<T>;
