import { Lanes, Rule, Sweep } from "./sweep";

// What happens to a gradient before any optimizer sees it, into a scratch that stays in the first-level cache. It is a rule
// of its own because as scalars of every kernel it cost 14 % of Adam for everybody, measured, and twice the kernels.

@unmanaged
class Clip<T extends number> {
  /** min and max of one instruction each; with g as the first operand a NaN comes through. */
  @inline static of<T extends number>(g: v128, scale: v128, ceiling: v128, floor: v128): v128 {
    return v128.pmax<T>(v128.pmin<T>(v128.mul<T>(scale, g), ceiling), floor);
  }
}

/** scratch ← clip(scale · g): `p` is the scratch */
@final @unmanaged
class Gradient<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    scale: v128, ceiling: v128, floor: v128, d: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    Lanes.write<T>(p, Clip.of<T>(Lanes.read<T>(g, full), scale, ceiling, floor), full);
  }
}

/** scratch ← clip(scale · g) + decay · parameter: the L2 form of weight decay. `s` is the parameter. */
@final @unmanaged
class DecayedGradient<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    scale: v128, ceiling: v128, floor: v128, decay: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Clip.of<T>(Lanes.read<T>(g, full), scale, ceiling, floor);
    Lanes.write<T>(p, v128.add<T>(grad, v128.mul<T>(decay, Lanes.read<T>(s, full))), full);
  }
}

export function gradient_f32(n: usize, scratch: usize, g: usize, s: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.wide<Gradient<f32>>(n, scratch, g, s, t, u, v, c);
}
export function gradient_f64(n: usize, scratch: usize, g: usize, s: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Gradient<f64>, f64>(n, scratch, g, s, t, u, v, c);
}
export function gradient_l2_f32(n: usize, scratch: usize, g: usize, p: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.wide<DecayedGradient<f32>>(n, scratch, g, p, t, u, v, c);
}
export function gradient_l2_f64(n: usize, scratch: usize, g: usize, p: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<DecayedGradient<f64>, f64>(n, scratch, g, p, t, u, v, c);
}
