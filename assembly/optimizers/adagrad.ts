import { EpsInside, EpsOutside, EpsPlacement } from "../ops/eps-placement";
import { Lanes } from "../elementwise";

/** sum ← sum + g²; p ← p − rate · g / root(sum) */
@final @unmanaged
class Adagrad<T extends number, R extends EpsPlacement<T>> {
  @inline update(full: bool, p: usize, g: usize, sum: usize, rate: v128, eps: v128): void {
    const grad = Lanes.read<T>(g, full);
    const total = v128.add<T>(Lanes.read<T>(sum, full), v128.mul<T>(grad, grad));
    Lanes.write<T>(sum, total, full);
    const step = v128.div<T>(v128.mul<T>(rate, grad), changetype<R>(0).of(total, eps));
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), step), full);
  }
}

export type adagrad<T extends number> = Adagrad<T, EpsOutside<T>>;
export type adagrad_keras<T extends number> = Adagrad<T, EpsInside<T>>;
