import { Lanes } from "../elementwise";

/** n ← n + g²; z ← z + g + shrinkage · p − (√n − √n of before) · inverse · p; p ← (clamp(z, ± l1) − z) / (√n · inverse + l2) */
@final @unmanaged
class Ftrl<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, accumulator: usize, linear: usize,
    inverse: v128, shrinkage: v128, ceiling: v128, floor: v128, l2: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const old = Lanes.read<T>(accumulator, full);
    const param = Lanes.read<T>(p, full);
    const square = v128.add<T>(old, v128.mul<T>(grad, grad));
    Lanes.write<T>(accumulator, square, full);
    const root = v128.sqrt<T>(square);
    // Roots that lie close together have an exact difference; their multiples would be rounded before it.
    const growth = v128.mul<T>(v128.sub<T>(root, v128.sqrt<T>(old)), inverse);
    const sum = v128.add<T>(Lanes.read<T>(linear, full), v128.sub<T>(v128.add<T>(grad, v128.mul<T>(shrinkage, param)), v128.mul<T>(growth, param)));
    Lanes.write<T>(linear, sum, full);
    // pmax and pmin with the computed value first let a NaN through.
    const clipped = v128.pmax<T>(v128.pmin<T>(sum, ceiling), floor);
    Lanes.write<T>(p, v128.div<T>(v128.sub<T>(clipped, sum), v128.add<T>(v128.mul<T>(root, inverse), l2)), full);
  }
}

export type ftrl<T extends number> = Ftrl<T>;
