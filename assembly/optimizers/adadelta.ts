import { Lanes } from "../elementwise";

/** v ← rho · v + keep · g²; Δ = √((u + eps) / (v + eps)) · g; u ← rho · u + keep · Δ²; p ← p − rate · Δ */
@final @unmanaged
class Adadelta<T extends number> {
  @inline update(full: bool, p: usize, g: usize, square_avg: usize, acc_delta: usize, rate: v128, rho: v128, keep: v128, eps: v128): void {
    const grad = Lanes.read<T>(g, full);
    const square = v128.add<T>(v128.mul<T>(rho, Lanes.read<T>(square_avg, full)), v128.mul<T>(v128.mul<T>(keep, grad), grad));
    Lanes.write<T>(square_avg, square, full);
    const acc = Lanes.read<T>(acc_delta, full);
    const delta = v128.mul<T>(v128.sqrt<T>(v128.div<T>(v128.add<T>(acc, eps), v128.add<T>(square, eps))), grad);
    Lanes.write<T>(acc_delta, v128.add<T>(v128.mul<T>(rho, acc), v128.mul<T>(v128.mul<T>(keep, delta), delta)), full);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), v128.mul<T>(rate, delta)), full);
  }
}

export type adadelta<T extends number> = Adadelta<T>;
