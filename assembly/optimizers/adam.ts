import { Lanes } from "../elementwise";

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
class Adam<T extends number, M extends Moment<T>, D extends Decay<T>> {
  @inline update(
    full: bool, p: usize, g: usize, exp_avg: usize, exp_avg_sq: usize, max_exp_avg_sq: usize,
    rate: v128, beta1: v128, keep1: v128, beta2: v128, keep2: v128, root: v128, eps: v128, shrink: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    // Before anything is stored, as in sgd.ts.
    const param = Lanes.read<T>(p, full);
    const mean = v128.add<T>(v128.mul<T>(beta1, Lanes.read<T>(exp_avg, full)), v128.mul<T>(keep1, grad));
    const square = v128.add<T>(v128.mul<T>(beta2, Lanes.read<T>(exp_avg_sq, full)), v128.mul<T>(v128.mul<T>(keep2, grad), grad));
    Lanes.write<T>(exp_avg, mean, full);
    Lanes.write<T>(exp_avg_sq, square, full);
    const moment = changetype<M>(0).of(square, max_exp_avg_sq, full);
    const step = v128.div<T>(v128.mul<T>(rate, mean), v128.add<T>(v128.mul<T>(v128.sqrt<T>(moment), root), eps));
    Lanes.write<T>(p, v128.sub<T>(changetype<D>(0).shrink(param, shrink), step), full);
  }
}

export type adam<T extends number> = Adam<T, Latest<T>, Undecayed<T>>;
export type adam_amsgrad<T extends number> = Adam<T, Largest<T>, Undecayed<T>>;
export type adamw<T extends number> = Adam<T, Latest<T>, Decayed<T>>;
export type adamw_amsgrad<T extends number> = Adam<T, Largest<T>, Decayed<T>>;
