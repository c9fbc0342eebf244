import { Lanes, Rule, Sweep } from "../sweep";

/** v ← beta2 · v + keep2 · g²; d = g / (√v · root + eps) + weightDecay · p; p ← p + blend · (z − p) + pull · d; z ← z − rate · d */
@final @unmanaged
class ScheduleFreeAdamw<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    blend: v128, pull: v128, rate: v128, first: v128, beta2: v128, keep2: v128, root: v128, eps: v128, weightDecay: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const param = Lanes.read<T>(p, full);
    // Before the first step z is the parameter, whenever that was set.
    const z = v128.bitselect(param, Lanes.read<T>(s, full), v128.ne<T>(first, i64x2.splat(0)));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(t, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(t, square, full);
    const normed = v128.div<T>(grad, v128.add<T>(v128.mul<T>(v128.sqrt<T>(square), root), eps));
    const direction = v128.add<T>(normed, v128.mul<T>(weightDecay, param));
    Lanes.write<T>(s, v128.sub<T>(z, v128.mul<T>(rate, direction)), full);
    const blended = v128.add<T>(param, v128.mul<T>(blend, v128.sub<T>(z, param)));
    Lanes.write<T>(p, v128.add<T>(blended, v128.mul<T>(pull, direction)), full);
  }
}

export function schedule_free_adamw_f32(n: usize, p: usize, g: usize, z: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<ScheduleFreeAdamw<f32>, f32>(n, p, g, z, exp_avg_sq, u, v, c);
}
export function schedule_free_adamw_f64(n: usize, p: usize, g: usize, z: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<ScheduleFreeAdamw<f64>, f64>(n, p, g, z, exp_avg_sq, u, v, c);
}
