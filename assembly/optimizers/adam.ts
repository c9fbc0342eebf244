import { Lanes, Rule, Sweep } from "../sweep";

/** The second moment that divides: the latest, or with AMSGrad the largest so far. */
@unmanaged
class Moment<T extends number> {
  @inline of(square: v128, u: usize, full: bool): v128 { return square; }
}

@final @unmanaged
class Latest<T extends number> extends Moment<T> {
  @inline of(square: v128, u: usize, full: bool): v128 { return square; }
}

@final @unmanaged
class Largest<T extends number> extends Moment<T> {
  @inline of(square: v128, u: usize, full: bool): v128 {
    // One instruction where max takes nine; in this order, square < old ? old : square, a NaN gradient comes through.
    const largest = v128.pmax<T>(square, Lanes.read<T>(u, full));
    Lanes.write<T>(u, largest, full);
    return largest;
  }
}

/** Decoupled weight decay: none, or p shrunk before the update as PyTorch does it. */
@unmanaged
class Decay<T extends number> {
  @inline shrink(p: v128, shrink: v128): v128 { return p; }
}

@final @unmanaged
class Undecayed<T extends number> extends Decay<T> {
  @inline shrink(p: v128, shrink: v128): v128 { return p; }
}

@final @unmanaged
class Decayed<T extends number> extends Decay<T> {
  @inline shrink(p: v128, shrink: v128): v128 { return v128.mul<T>(p, shrink); }
}

/** m ← beta1 · m + keep1 · g; v ← beta2 · v + keep2 · g²; p ← shrink · p − rate · m / (√v · root + eps) */
@final @unmanaged
class Adam<T extends number, M extends Moment<T>, D extends Decay<T>> extends Rule<T> {
  @inline update(
    full: bool, p: usize, g: usize, s: usize, t: usize, u: usize, v: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, root: v128, eps: v128, shrink: v128, j: v128, k: v128, l: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    // Before anything is stored, as in sgd.ts.
    const param = Lanes.read<T>(p, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(s, full)), v128.mul<T>(keep1, grad));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(t, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(s, mean, full);
    Lanes.write<T>(t, square, full);
    const moment = changetype<M>(0).of(square, u, full);
    const step = v128.div<T>(v128.mul<T>(rate, mean), v128.add<T>(v128.mul<T>(v128.sqrt<T>(moment), root), eps));
    Lanes.write<T>(p, v128.sub<T>(changetype<D>(0).shrink(param, shrink), step), full);
  }
}

export function adam_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adam<f32, Latest<f32>, Undecayed<f32>>, f32>(n, p, g, exp_avg, exp_avg_sq, u, v, c);
}
export function adam_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adam<f64, Latest<f64>, Undecayed<f64>>, f64>(n, p, g, exp_avg, exp_avg_sq, u, v, c);
}
export function adam_amsgrad_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, max_exp_avg_sq: usize, v: usize, c: usize): void {
  Sweep.run<Adam<f32, Largest<f32>, Undecayed<f32>>, f32>(n, p, g, exp_avg, exp_avg_sq, max_exp_avg_sq, v, c);
}
export function adam_amsgrad_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, max_exp_avg_sq: usize, v: usize, c: usize): void {
  Sweep.run<Adam<f64, Largest<f64>, Undecayed<f64>>, f64>(n, p, g, exp_avg, exp_avg_sq, max_exp_avg_sq, v, c);
}
export function adamw_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adam<f32, Latest<f32>, Decayed<f32>>, f32>(n, p, g, exp_avg, exp_avg_sq, u, v, c);
}
export function adamw_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, u: usize, v: usize, c: usize): void {
  Sweep.run<Adam<f64, Latest<f64>, Decayed<f64>>, f64>(n, p, g, exp_avg, exp_avg_sq, u, v, c);
}
export function adamw_amsgrad_f32(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, max_exp_avg_sq: usize, v: usize, c: usize): void {
  Sweep.run<Adam<f32, Largest<f32>, Decayed<f32>>, f32>(n, p, g, exp_avg, exp_avg_sq, max_exp_avg_sq, v, c);
}
export function adamw_amsgrad_f64(n: usize, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, max_exp_avg_sq: usize, v: usize, c: usize): void {
  Sweep.run<Adam<f64, Largest<f64>, Decayed<f64>>, f64>(n, p, g, exp_avg, exp_avg_sq, max_exp_avg_sq, v, c);
}
