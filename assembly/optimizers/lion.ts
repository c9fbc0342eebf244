import { Lanes, Rule, Sign, Sweep } from "../sweep";

/** p ← shrink · p − rate · sign(beta1 · m + keep1 · g); then m ← beta2 · m + keep2 · g */
@final @unmanaged
class Lion<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, shrink: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const mean = Lanes.read<T>(s, full);
    const direction = Sign.of<T>(v128.add<T>(v128.mul<T>(beta1, mean), v128.mul<T>(keep1, grad)));
    Lanes.write<T>(p, v128.sub<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), v128.mul<T>(rate, direction)), full);
    Lanes.write<T>(s, v128.add<T>(v128.mul<T>(beta2, mean), v128.mul<T>(keep2, grad)), full);
  }
}

export function lion_f32(n: usize, p: usize, g: usize, exp_avg: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Lion<f32>, f32>(n, p, g, exp_avg, t, u, v, c);
}
export function lion_f64(n: usize, p: usize, g: usize, exp_avg: usize, t: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Lion<f64>, f64>(n, p, g, exp_avg, t, u, v, c);
}
