import { Lanes, Sign } from "../elementwise";

/** size ← clamp(size · (etaPlus, etaMinus or 1 as g · prev is > 0, < 0 or 0)); where < 0: g ← 0; p ← p − size · sign(g); prev ← g */
@final @unmanaged
class Rprop<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, prev: usize, step_size: usize,
    etaMinus: v128, etaPlus: v128, minStep: v128, maxStep: v128
  ): void {
    const zero = i64x2.splat(0);
    const grad = Lanes.read<T>(g, full);
    const product = v128.mul<T>(grad, Lanes.read<T>(prev, full));
    const turned = v128.lt<T>(product, zero);
    const factor = v128.bitselect(etaPlus, v128.bitselect(etaMinus, v128.splat<T>(<T>1), turned), v128.gt<T>(product, zero));
    const size = v128.pmax<T>(v128.pmin<T>(v128.mul<T>(Lanes.read<T>(step_size, full), factor), maxStep), minStep);
    Lanes.write<T>(step_size, size, full);
    const kept = v128.andnot(grad, turned);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), v128.mul<T>(size, Sign.of<T>(kept))), full);
    Lanes.write<T>(prev, kept, full);
  }
}

export type rprop<T extends number> = Rprop<T>;
