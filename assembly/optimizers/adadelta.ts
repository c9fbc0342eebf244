import { Lanes, Rule, Sweep } from "../sweep";

/** v ← rho · v + keep · g²; Δ = √((u + eps) / (v + eps)) · g; u ← rho · u + keep · Δ²; p ← p − rate · Δ */
@final @unmanaged
class Adadelta<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, rho: v128, keep: v128, eps: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const square = v128.add<T>(v128.mul<T>(rho, Lanes.read<T>(s, full)), v128.mul<T>(v128.mul<T>(keep, grad), grad));
    Lanes.write<T>(s, square, full);
    const acc = Lanes.read<T>(t, full);
    const delta = v128.mul<T>(v128.sqrt<T>(v128.div<T>(v128.add<T>(acc, eps), v128.add<T>(square, eps))), grad);
    Lanes.write<T>(t, v128.add<T>(v128.mul<T>(rho, acc), v128.mul<T>(v128.mul<T>(keep, delta), delta)), full);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), v128.mul<T>(rate, delta)), full);
  }
}

export function adadelta_f32(n: usize, p: usize, g: usize, square_avg: usize, acc_delta: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adadelta<f32>, f32>(n, p, g, square_avg, acc_delta, u, v, c);
}
export function adadelta_f64(n: usize, p: usize, g: usize, square_avg: usize, acc_delta: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adadelta<f64>, f64>(n, p, g, square_avg, acc_delta, u, v, c);
}
