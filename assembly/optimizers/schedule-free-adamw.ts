import { Lanes } from "../elementwise";

/** v ← beta2 · v + keep2 · g²; d = g / (√v · root + eps) + weightDecay · p; p ← p + blend · (z − p) + pull · d; z ← z − rate · d */
@final @unmanaged
class ScheduleFreeAdamw<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, z: usize, exp_avg_sq: usize,
    blend: v128, pull: v128, rate: v128, first: v128, beta2: v128, keep2: v128, root: v128, eps: v128, weightDecay: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const param = Lanes.read<T>(p, full);
    // Before the first step z is the parameter, whenever that was set.
    const iterate = v128.bitselect(param, Lanes.read<T>(z, full), v128.ne<T>(first, i64x2.splat(0)));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(exp_avg_sq, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(exp_avg_sq, square, full);
    const normed = v128.div<T>(grad, v128.add<T>(v128.mul<T>(v128.sqrt<T>(square), root), eps));
    const direction = v128.add<T>(normed, v128.mul<T>(weightDecay, param));
    Lanes.write<T>(z, v128.sub<T>(iterate, v128.mul<T>(rate, direction)), full);
    const blended = v128.add<T>(param, v128.mul<T>(blend, v128.sub<T>(iterate, param)));
    Lanes.write<T>(p, v128.add<T>(blended, v128.mul<T>(pull, direction)), full);
  }
}

export type schedule_free_adamw<T extends number> = ScheduleFreeAdamw<T>;
