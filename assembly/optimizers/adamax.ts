import { Lanes } from "../elementwise";

/** Where `eps` stands. */
@unmanaged
class Floor<T extends number> {
  @inline size(grad: v128, eps: v128): v128 { return grad; }
  @inline divisor(norm: v128, eps: v128): v128 { return norm; }
}

/** In the maximum, as in PyTorch and optax. */
@final @unmanaged
class Within<T extends number> extends Floor<T> {
  @inline size(grad: v128, eps: v128): v128 { return v128.add<T>(v128.abs<T>(grad), eps); }
  @inline divisor(norm: v128, eps: v128): v128 { return norm; }
}

/** In the divisor, as in Keras and TensorFlow.js. */
@final @unmanaged
class After<T extends number> extends Floor<T> {
  @inline size(grad: v128, eps: v128): v128 { return v128.abs<T>(grad); }
  @inline divisor(norm: v128, eps: v128): v128 { return v128.add<T>(norm, eps); }
}

/** m ← beta1 · m + keep1 · g; u ← max(beta2 · u, size(g)); p ← p − rate · m / divisor(u) */
@final @unmanaged
class Adamax<T extends number, F extends Floor<T>> {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg: usize, exp_inf: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, eps: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(exp_avg, full)), v128.mul<T>(keep1, grad));
    Lanes.write<T>(exp_avg, mean, full);
    // pmax in this order, size < old ? old : size, lets a NaN gradient through.
    const norm = v128.pmax<T>(changetype<F>(0).size(grad, eps), v128.mul<T>(beta2, Lanes.read<T>(exp_inf, full)));
    Lanes.write<T>(exp_inf, norm, full);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), v128.div<T>(v128.mul<T>(rate, mean), changetype<F>(0).divisor(norm, eps))), full);
  }
}

export type adamax<T extends number> = Adamax<T, Within<T>>;
export type adamax_keras<T extends number> = Adamax<T, After<T>>;
