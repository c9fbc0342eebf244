import { EpsInside, EpsOutside, EpsPlacement } from "../ops/eps-placement";
import { Lanes } from "../elementwise";

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

/** Where the lr stands beside a momentum buffer. */
@unmanaged
class Ball<T extends number> {
  @inline push(rate: v128, grad: v128): v128 { return grad; }
  @inline pull(rate: v128, buffer: v128): v128 { return buffer; }
}

/** Outside, as in PyTorch: a new lr acts on all of the buffer. */
@final @unmanaged
class Outside<T extends number> extends Ball<T> {
  @inline push(rate: v128, grad: v128): v128 { return grad; }
  @inline pull(rate: v128, buffer: v128): v128 { return v128.mul<T>(rate, buffer); }
}

/** Inside, as in Keras, TensorFlow.js and optax: every gradient keeps the lr of its step. */
@final @unmanaged
class Inside<T extends number> extends Ball<T> {
  @inline push(rate: v128, grad: v128): v128 { return v128.mul<T>(rate, grad); }
  @inline pull(rate: v128, buffer: v128): v128 { return buffer; }
}

/** square ← alpha · square + keep · g²; p ← p − rate · g / root(spread) */
@final @unmanaged
class Rmsprop<T extends number, S extends Spread<T>, R extends EpsPlacement<T>> {
  @inline update(full: bool, p: usize, g: usize, square_avg: usize, grad_avg: usize, rate: v128, alpha: v128, keep: v128, eps: v128): void {
    const grad = Lanes.read<T>(g, full);
    const square = v128.add<T>(v128.mul<T>(alpha, Lanes.read<T>(square_avg, full)), v128.mul<T>(v128.mul<T>(keep, grad), grad));
    Lanes.write<T>(square_avg, square, full);
    const spread = changetype<S>(0).of(square, grad_avg, grad, alpha, keep, full);
    const step = v128.div<T>(v128.mul<T>(rate, grad), changetype<R>(0).of(spread, eps));
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), step), full);
  }
}

/** The same through a heavy ball: buffer ← momentum · buffer + push(g) / root(spread); p ← p − pull(buffer) */
@final @unmanaged
class RmspropMomentum<T extends number, S extends Spread<T>, R extends EpsPlacement<T>, B extends Ball<T>> {
  @inline update(
    full: bool, p: usize, g: usize, square_avg: usize, momentum_buffer: usize, grad_avg: usize,
    rate: v128, alpha: v128, keep: v128, eps: v128, momentum: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const square = v128.add<T>(v128.mul<T>(alpha, Lanes.read<T>(square_avg, full)), v128.mul<T>(v128.mul<T>(keep, grad), grad));
    Lanes.write<T>(square_avg, square, full);
    const spread = changetype<S>(0).of(square, grad_avg, grad, alpha, keep, full);
    const direction = v128.div<T>(changetype<B>(0).push(rate, grad), changetype<R>(0).of(spread, eps));
    const buffer = v128.add<T>(v128.mul<T>(momentum, Lanes.read<T>(momentum_buffer, full)), direction);
    Lanes.write<T>(momentum_buffer, buffer, full);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), changetype<B>(0).pull(rate, buffer)), full);
  }
}

export type rmsprop<T extends number> = Rmsprop<T, MeanSquare<T>, EpsOutside<T>>;
export type rmsprop_centered<T extends number> = Rmsprop<T, Variance<T>, EpsOutside<T>>;
export type rmsprop_momentum<T extends number> = RmspropMomentum<T, MeanSquare<T>, EpsOutside<T>, Outside<T>>;
export type rmsprop_momentum_centered<T extends number> = RmspropMomentum<T, Variance<T>, EpsOutside<T>, Outside<T>>;
export type rmsprop_keras<T extends number> = Rmsprop<T, MeanSquare<T>, EpsInside<T>>;
export type rmsprop_centered_keras<T extends number> = Rmsprop<T, Variance<T>, EpsInside<T>>;
export type rmsprop_momentum_keras<T extends number> = RmspropMomentum<T, MeanSquare<T>, EpsInside<T>, Inside<T>>;
export type rmsprop_momentum_centered_keras<T extends number> = RmspropMomentum<T, Variance<T>, EpsInside<T>, Inside<T>>;
