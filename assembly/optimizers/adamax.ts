import { Lanes, Rule, Sweep } from "../sweep";

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
class Adamax<T extends number, F extends Floor<T>> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, eps: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(s, full)), v128.mul<T>(keep1, grad));
    Lanes.write<T>(s, mean, full);
    // pmax in this order, size < old ? old : size, lets a NaN gradient through.
    const norm = v128.pmax<T>(changetype<F>(0).size(grad, eps), v128.mul<T>(beta2, Lanes.read<T>(t, full)));
    Lanes.write<T>(t, norm, full);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), v128.div<T>(v128.mul<T>(rate, mean), changetype<F>(0).divisor(norm, eps))), full);
  }
}

export function adamax_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_inf: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adamax<f32, Within<f32>>, f32>(n, p, g, exp_avg, exp_inf, u, v, c);
}
export function adamax_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_inf: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adamax<f64, Within<f64>>, f64>(n, p, g, exp_avg, exp_inf, u, v, c);
}
export function adamax_keras_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_inf: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adamax<f32, After<f32>>, f32>(n, p, g, exp_avg, exp_inf, u, v, c);
}
export function adamax_keras_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_inf: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adamax<f64, After<f64>>, f64>(n, p, g, exp_avg, exp_inf, u, v, c);
}
