import { Lanes, Rule, Sweep } from "../sweep";

/** n ← n + g²; z ← z + g + shrinkage · p − (√n − √n of before) · inverse · p; p ← (clamp(z, ± l1) − z) / (√n · inverse + l2) */
@final @unmanaged
class Ftrl<T extends number> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    inverse: v128, shrinkage: v128, ceiling: v128, floor: v128, l2: v128, f: v128, h: v128, i: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const old = Lanes.read<T>(s, full);
    const param = Lanes.read<T>(p, full);
    const accumulator = v128.add<T>(old, v128.mul<T>(grad, grad));
    Lanes.write<T>(s, accumulator, full);
    const root = v128.sqrt<T>(accumulator);
    // Roots that lie close together have an exact difference; their multiples would be rounded before it.
    const growth = v128.mul<T>(v128.sub<T>(root, v128.sqrt<T>(old)), inverse);
    const linear = v128.add<T>(Lanes.read<T>(t, full), v128.sub<T>(v128.add<T>(grad, v128.mul<T>(shrinkage, param)), v128.mul<T>(growth, param)));
    Lanes.write<T>(t, linear, full);
    // pmax and pmin with the computed value first let a NaN through.
    const clipped = v128.pmax<T>(v128.pmin<T>(linear, ceiling), floor);
    Lanes.write<T>(p, v128.div<T>(v128.sub<T>(clipped, linear), v128.add<T>(v128.mul<T>(root, inverse), l2)), full);
  }
}

export function ftrl_f32(n: usize, p: usize, g: usize, accumulator: usize, linear: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Ftrl<f32>, f32>(n, p, g, accumulator, linear, u, v, c);
}
export function ftrl_f64(n: usize, p: usize, g: usize, accumulator: usize, linear: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Ftrl<f64>, f64>(n, p, g, accumulator, linear, u, v, c);
}
