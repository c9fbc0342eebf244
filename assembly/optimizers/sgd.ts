import { Lanes, Wide } from "../elementwise";

/** p ← p − rate · g */
@final @unmanaged
class Sgd<T extends number> extends Wide {
  @inline update(full: bool, p: usize, g: usize, rate: v128): void {
    const grad = Lanes.read<T>(g, full);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), v128.mul<T>(rate, grad)), full);
  }
}

/** buffer ← momentum · buffer + keep · g; p ← p − rate · buffer */
@final @unmanaged
class Momentum<T extends number> extends Wide {
  @inline update(full: bool, p: usize, g: usize, momentum_buffer: usize, rate: v128, momentum: v128, keep: v128): void {
    const grad = Lanes.read<T>(g, full);
    // Read before anything is stored: 5 % faster, as the processor need not find out whether the stores overlap it.
    const param = Lanes.read<T>(p, full);
    const buffer = v128.add<T>(v128.mul<T>(momentum, Lanes.read<T>(momentum_buffer, full)), v128.mul<T>(keep, grad));
    Lanes.write<T>(momentum_buffer, buffer, full);
    Lanes.write<T>(p, v128.sub<T>(param, v128.mul<T>(rate, buffer)), full);
  }
}

/** buffer ← momentum · buffer + keep · g; p ← p − rate · (keep · g + momentum · buffer) */
@final @unmanaged
class Nesterov<T extends number> extends Wide {
  @inline update(full: bool, p: usize, g: usize, momentum_buffer: usize, rate: v128, momentum: v128, keep: v128): void {
    const kept = v128.mul<T>(keep, Lanes.read<T>(g, full));
    const param = Lanes.read<T>(p, full);
    const buffer = v128.add<T>(v128.mul<T>(momentum, Lanes.read<T>(momentum_buffer, full)), kept);
    Lanes.write<T>(momentum_buffer, buffer, full);
    const ahead = v128.add<T>(kept, v128.mul<T>(momentum, buffer));
    Lanes.write<T>(p, v128.sub<T>(param, v128.mul<T>(rate, ahead)), full);
  }
}

/** buffer ← momentum · buffer + keep · g; kept ← g + momentum · buffer; p ← p − rate · kept */
@final @unmanaged
class NesterovKept<T extends number> {
  @inline update(full: bool, p: usize, g: usize, momentum_buffer: usize, grad_prev: usize, rate: v128, momentum: v128, keep: v128): void {
    const grad = Lanes.read<T>(g, full);
    const param = Lanes.read<T>(p, full);
    const buffer = v128.add<T>(v128.mul<T>(momentum, Lanes.read<T>(momentum_buffer, full)), v128.mul<T>(keep, grad));
    Lanes.write<T>(momentum_buffer, buffer, full);
    const ahead = v128.add<T>(grad, v128.mul<T>(momentum, buffer));
    Lanes.write<T>(grad_prev, ahead, full);
    Lanes.write<T>(p, v128.sub<T>(param, v128.mul<T>(rate, ahead)), full);
  }
}

export type sgd<T extends number> = Sgd<T>;
export type sgd_momentum<T extends number> = Momentum<T>;
export type sgd_nesterov<T extends number> = Nesterov<T>;
export type sgd_nesterov_kept<T extends number> = NesterovKept<T>;
