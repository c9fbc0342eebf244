import { Lanes, Rule, Sign, Sweep } from "../sweep";

/** buffer ← momentum · buffer + keep · g; p ← shrink · p − rate · sign(buffer) */
@final @unmanaged
class Signum<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, momentum: v128, keep: v128, shrink: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const buffer = v128.add<T>(v128.mul<T>(momentum, Lanes.read<T>(s, full)), v128.mul<T>(keep, grad));
    Lanes.write<T>(s, buffer, full);
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.mul<T>(rate, Sign.of<T>(buffer))), full);
  }
}

/** p ← shrink · p − rate · sign(g) */
@final @unmanaged
class SignSgd<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, momentum: v128, keep: v128, shrink: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.mul<T>(rate, Sign.of<T>(Lanes.read<T>(g, full)))), full);
  }
}

export function signum_f32(n: usize, p: usize, g: usize, momentum_buffer: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Signum<f32>, f32>(n, p, g, momentum_buffer, t, u, v, c);
}
export function signum_f64(n: usize, p: usize, g: usize, momentum_buffer: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Signum<f64>, f64>(n, p, g, momentum_buffer, t, u, v, c);
}
export function signsgd_f32(n: usize, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<SignSgd<f32>, f32>(n, p, g, s, t, u, v, c);
}
export function signsgd_f64(n: usize, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<SignSgd<f64>, f64>(n, p, g, s, t, u, v, c);
}
