import { Lanes } from "../elementwise";

/** p ← p + blend · (z − p) + pull · g; z ← z − rate · g */
@final @unmanaged
class ScheduleFreeSgd<T extends number> {
  @inline update(full: bool, p: usize, g: usize, z: usize, blend: v128, pull: v128, rate: v128, first: v128): void {
    const direction = Lanes.read<T>(g, full);
    const param = Lanes.read<T>(p, full);
    // Before the first step z is the parameter, whenever that was set.
    const iterate = v128.bitselect(param, Lanes.read<T>(z, full), v128.ne<T>(first, i64x2.splat(0)));
    Lanes.write<T>(z, v128.sub<T>(iterate, v128.mul<T>(rate, direction)), full);
    const blended = v128.add<T>(param, v128.mul<T>(blend, v128.sub<T>(iterate, param)));
    Lanes.write<T>(p, v128.add<T>(blended, v128.mul<T>(pull, direction)), full);
  }
}

export type schedule_free_sgd<T extends number> = ScheduleFreeSgd<T>;
