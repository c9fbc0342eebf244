import { Beside, Root, Under } from "../root";
import { Lanes, Rule, Sweep } from "../sweep";

/** sum ← sum + g²; p ← p − rate · g / root(sum) */
@final @unmanaged
class Adagrad<T extends number, R extends Root<T>> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, eps: v128, c: v128, d: v128, e: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const sum = v128.add<T>(Lanes.read<T>(s, full), v128.mul<T>(grad, grad));
    Lanes.write<T>(s, sum, full);
    const step = v128.div<T>(v128.mul<T>(rate, grad), changetype<R>(0).of(sum, eps));
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), step), full);
  }
}

export function adagrad_f32(n: usize, p: usize, g: usize, sum: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adagrad<f32, Beside<f32>>, f32>(n, p, g, sum, t, u, v, c);
}
export function adagrad_f64(n: usize, p: usize, g: usize, sum: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adagrad<f64, Beside<f64>>, f64>(n, p, g, sum, t, u, v, c);
}
export function adagrad_keras_f32(n: usize, p: usize, g: usize, sum: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adagrad<f32, Under<f32>>, f32>(n, p, g, sum, t, u, v, c);
}
export function adagrad_keras_f64(n: usize, p: usize, g: usize, sum: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adagrad<f64, Under<f64>>, f64>(n, p, g, sum, t, u, v, c);
}
