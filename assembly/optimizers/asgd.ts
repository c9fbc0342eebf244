import { Lanes } from "../elementwise";

/** p ← shrink · p − rate · g; ax ← ax + mu · (p − ax), or p while not averaging */
@final @unmanaged
class Asgd<T extends number> {
  @inline update(full: bool, p: usize, g: usize, ax: usize, rate: v128, shrink: v128, mu: v128, averaging: v128): void {
    const grad = Lanes.read<T>(g, full);
    const next = v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.mul<T>(rate, grad));
    Lanes.write<T>(p, next, full);
    const mean = Lanes.read<T>(ax, full);
    const average = v128.add<T>(mean, v128.mul<T>(v128.sub<T>(next, mean), mu));
    Lanes.write<T>(ax, v128.bitselect(average, next, v128.ne<T>(averaging, i64x2.splat(0))), full);
  }
}

export type asgd<T extends number> = Asgd<T>;
