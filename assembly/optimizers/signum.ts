import { Lanes, Sign } from "../elementwise";

/** buffer ← momentum · buffer + keep · g; p ← shrink · p − rate · sign(buffer) */
@final @unmanaged
class Signum<T extends number> {
  @inline update(full: bool, p: usize, g: usize, momentum_buffer: usize, rate: v128, momentum: v128, keep: v128, shrink: v128): void {
    const grad = Lanes.read<T>(g, full);
    const buffer = v128.add<T>(v128.mul<T>(momentum, Lanes.read<T>(momentum_buffer, full)), v128.mul<T>(keep, grad));
    Lanes.write<T>(momentum_buffer, buffer, full);
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.mul<T>(rate, Sign.of<T>(buffer))), full);
  }
}

/** p ← shrink · p − rate · sign(g) */
@final @unmanaged
class SignSgd<T extends number> {
  @inline update(full: bool, p: usize, g: usize, rate: v128, momentum: v128, keep: v128, shrink: v128): void {
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.mul<T>(rate, Sign.of<T>(Lanes.read<T>(g, full)))), full);
  }
}

export type signum<T extends number> = Signum<T>;
export type signsgd<T extends number> = SignSgd<T>;
