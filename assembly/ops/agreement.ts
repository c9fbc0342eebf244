import { Lanes } from "../elementwise";

class Agreement {
  /**
   * Where the update (which is what p loses, negated) and the gradient have opposite signs, descent and gradient agree: keeps those
   * elements, zeroes the others (a NaN stays one) and returns how many it kept. A count is exact, so its order does not matter.
   */
  @inline static keep<T extends number>(n: usize, update: usize, g: usize): i32 {
    const zero = i64x2.splat(0);
    const one = v128.splat<T>(<T>1);
    let count = 0;
    const end = update + n * sizeof<T>();
    for (; update < end; ) {
      const full = update + 16 <= end;
      const step = Lanes.read<T>(update, full);
      const grad = Lanes.read<T>(g, full);
      // Signs are compared, for a product of small numbers would be 0.
      const agrees = v128.or(
        v128.and(v128.lt<T>(step, zero), v128.gt<T>(grad, zero)),
        v128.and(v128.gt<T>(step, zero), v128.lt<T>(grad, zero))
      );
      // A product with 0, not a mask: it lets a NaN through.
      Lanes.write<T>(update, v128.mul<T>(step, v128.and(agrees, one)), full);
      count += popcnt<i32>(sizeof<T>() == 4 ? i32x4.bitmask(agrees) : i64x2.bitmask(agrees));
      const size = full ? <usize>16 : sizeof<T>();
      update += size;
      g += size;
    }
    return count;
  }
}

/** p ← shrink · p + scale · step; step ← 0 */
@final @unmanaged
class Apply<T extends number> {
  @inline update(full: bool, p: usize, step: usize, shrink: v128, scale: v128): void {
    const scaled = v128.mul<T>(scale, Lanes.read<T>(step, full));
    Lanes.write<T>(p, v128.add<T>(v128.mul<T>(shrink, Lanes.read<T>(p, full)), scaled), full);
    Lanes.write<T>(step, i64x2.splat(0), full);
  }
}

@final @unmanaged
class KeepAgreeing<T extends number> {
  @inline run(n: usize, update: usize, g: usize): i32 { return Agreement.keep<T>(n, update, g); }
}

export type keep_agreeing<T extends number> = KeepAgreeing<T>;

export type apply<T extends number> = Apply<T>;
