import { Lanes, Wide } from "../elementwise";

// What happens to a gradient before any optimizer sees it, into a scratch that stays in the first-level cache. It is a rule
// of its own because as scalars of every kernel it cost 14 % of Adam for everybody, measured, and twice the kernels.

@unmanaged
class Clip<T extends number> {
  /** min and max of one instruction each; with g as the first operand a NaN comes through. */
  @inline static of<T extends number>(g: v128, scale: v128, ceiling: v128, floor: v128): v128 {
    return v128.pmax<T>(v128.pmin<T>(v128.mul<T>(scale, g), ceiling), floor);
  }
}

/** scratch ← clip(scale · g) */
@final @unmanaged
class Gradient<T extends number> extends Wide {
  @inline update(full: bool, scratch: usize, g: usize, scale: v128, ceiling: v128, floor: v128): void {
    Lanes.write<T>(scratch, Clip.of<T>(Lanes.read<T>(g, full), scale, ceiling, floor), full);
  }
}

/** scratch ← clip(scale · g) + decay · parameter: the L2 form of weight decay. */
@final @unmanaged
class DecayedGradient<T extends number> extends Wide {
  @inline update(
    full: bool, scratch: usize, g: usize, parameter: usize,
    scale: v128, ceiling: v128, floor: v128, decay: v128
  ): void {
    const grad = Clip.of<T>(Lanes.read<T>(g, full), scale, ceiling, floor);
    Lanes.write<T>(scratch, v128.add<T>(grad, v128.mul<T>(decay, Lanes.read<T>(parameter, full))), full);
  }
}

export type gradient<T extends number> = Gradient<T>;
export type gradient_l2<T extends number> = DecayedGradient<T>;
