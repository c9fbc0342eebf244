import { Lanes, Rule, Sweep } from "../sweep";

/** sum ← sum + g²; p ← p − rate · g / (√(sum + epsRoot) + eps) */
@final @unmanaged
class Adagrad<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, eps: v128, epsRoot: v128, d: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const sum = v128.add<T>(Lanes.read<T>(s, full), v128.mul<T>(grad, grad));
    Lanes.write<T>(s, sum, full);
    const step = v128.div<T>(v128.mul<T>(rate, grad), v128.add<T>(v128.sqrt<T>(v128.add<T>(sum, epsRoot)), eps));
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), step), full);
  }
}

export function adagrad_f32(n: usize, p: usize, g: usize, sum: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adagrad<f32>, f32>(n, p, g, sum, t, u, v, c);
}
export function adagrad_f64(n: usize, p: usize, g: usize, sum: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adagrad<f64>, f64>(n, p, g, sum, t, u, v, c);
}
