import { Lanes, Rule, Sweep } from "../sweep";

/** What the root is taken of: the mean square, or the variance when the mean gradient is tracked too. */
@unmanaged
class Spread<T extends number> {
  @inline of(square: v128, u: usize, grad: v128, alpha: v128, keep: v128, full: bool): v128 { return square; }
}

@final @unmanaged
class MeanSquare<T extends number> extends Spread<T> {
  @inline of(square: v128, u: usize, grad: v128, alpha: v128, keep: v128, full: bool): v128 { return square; }
}

@final @unmanaged
class Variance<T extends number> extends Spread<T> {
  @inline of(square: v128, u: usize, grad: v128, alpha: v128, keep: v128, full: bool): v128 {
    const mean = v128.add<T>(v128.mul<T>(alpha, Lanes.read<T>(u, full)), v128.mul<T>(keep, grad));
    Lanes.write<T>(u, mean, full);
    // Rounding can leave v < a² by a hair. pmax(x, 0) is x < 0 ? 0 : x, so a NaN comes through.
    return v128.pmax<T>(v128.sub<T>(square, v128.mul<T>(mean, mean)), i64x2.splat(0));
  }
}

/** square ← alpha · square + keep · g²; p ← p − rate · g / (√(spread + epsRoot) + eps) */
@final @unmanaged
class Rmsprop<T extends number, S extends Spread<T>> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, alpha: v128, keep: v128, eps: v128, momentum: v128, epsRoot: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const square = v128.add<T>(v128.mul<T>(alpha, Lanes.read<T>(s, full)), v128.mul<T>(v128.mul<T>(keep, grad), grad));
    Lanes.write<T>(s, square, full);
    const spread = changetype<S>(0).of(square, t, grad, alpha, keep, full);
    const step = v128.div<T>(v128.mul<T>(rate, grad), v128.add<T>(v128.sqrt<T>(v128.add<T>(spread, epsRoot)), eps));
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), step), full);
  }
}

/** The same direction through a heavy ball: buffer ← momentum · buffer + g / (√(spread + epsRoot) + eps); p ← p − rate · buffer */
@final @unmanaged
class RmspropMomentum<T extends number, S extends Spread<T>> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, alpha: v128, keep: v128, eps: v128, momentum: v128, epsRoot: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const square = v128.add<T>(v128.mul<T>(alpha, Lanes.read<T>(s, full)), v128.mul<T>(v128.mul<T>(keep, grad), grad));
    Lanes.write<T>(s, square, full);
    const spread = changetype<S>(0).of(square, u, grad, alpha, keep, full);
    const direction = v128.div<T>(grad, v128.add<T>(v128.sqrt<T>(v128.add<T>(spread, epsRoot)), eps));
    const buffer = v128.add<T>(v128.mul<T>(momentum, Lanes.read<T>(t, full)), direction);
    Lanes.write<T>(t, buffer, full);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), v128.mul<T>(rate, buffer)), full);
  }
}

export function rmsprop_f32(n: usize, p: usize, g: usize, square_avg: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Rmsprop<f32, MeanSquare<f32>>, f32>(n, p, g, square_avg, t, u, v, c);
}
export function rmsprop_f64(n: usize, p: usize, g: usize, square_avg: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Rmsprop<f64, MeanSquare<f64>>, f64>(n, p, g, square_avg, t, u, v, c);
}
export function rmsprop_centered_f32(n: usize, p: usize, g: usize, square_avg: usize, grad_avg: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Rmsprop<f32, Variance<f32>>, f32>(n, p, g, square_avg, grad_avg, u, v, c);
}
export function rmsprop_centered_f64(n: usize, p: usize, g: usize, square_avg: usize, grad_avg: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Rmsprop<f64, Variance<f64>>, f64>(n, p, g, square_avg, grad_avg, u, v, c);
}
export function rmsprop_momentum_f32(n: usize, p: usize, g: usize, square_avg: usize, momentum_buffer: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<RmspropMomentum<f32, MeanSquare<f32>>, f32>(n, p, g, square_avg, momentum_buffer, u, v, c);
}
export function rmsprop_momentum_f64(n: usize, p: usize, g: usize, square_avg: usize, momentum_buffer: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<RmspropMomentum<f64, MeanSquare<f64>>, f64>(n, p, g, square_avg, momentum_buffer, u, v, c);
}
export function rmsprop_momentum_centered_f32(n: usize, p: usize, g: usize, square_avg: usize, momentum_buffer: usize, grad_avg: usize, v: usize, c: usize): void {
  Sweep.run<RmspropMomentum<f32, Variance<f32>>, f32>(n, p, g, square_avg, momentum_buffer, grad_avg, v, c);
}
export function rmsprop_momentum_centered_f64(n: usize, p: usize, g: usize, square_avg: usize, momentum_buffer: usize, grad_avg: usize, v: usize, c: usize): void {
  Sweep.run<RmspropMomentum<f64, Variance<f64>>, f64>(n, p, g, square_avg, momentum_buffer, grad_avg, v, c);
}
