import { Lanes, Rule, Sweep } from "../sweep";

/** p ← p + blend · (z − p) + pull · g; z ← z − rate · g */
@final @unmanaged
class ScheduleFreeSgd<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    blend: v128, pull: v128, rate: v128, first: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const direction = Lanes.read<T>(g, full);
    const param = Lanes.read<T>(p, full);
    // Before the first step z is the parameter, whenever that was set.
    const z = v128.bitselect(param, Lanes.read<T>(s, full), v128.ne<T>(first, i64x2.splat(0)));
    Lanes.write<T>(s, v128.sub<T>(z, v128.mul<T>(rate, direction)), full);
    const blended = v128.add<T>(param, v128.mul<T>(blend, v128.sub<T>(z, param)));
    Lanes.write<T>(p, v128.add<T>(blended, v128.mul<T>(pull, direction)), full);
  }
}

export function schedule_free_sgd_f32(n: usize, p: usize, g: usize, z: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<ScheduleFreeSgd<f32>, f32>(n, p, g, z, t, u, v, c);
}
export function schedule_free_sgd_f64(n: usize, p: usize, g: usize, z: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<ScheduleFreeSgd<f64>, f64>(n, p, g, z, t, u, v, c);
}
