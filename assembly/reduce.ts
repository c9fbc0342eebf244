import { Lanes } from "./elementwise";

// The reductions. Every sum is taken in f64 in one fixed order, which src/ops/reduce.ts replays: element i of a block goes to lane i mod 8, the
// rest of a last short turn to lane 0, and the lanes are added pairwise. The caller adds the blocks in order.

class Pair {
  /** Two neighbours, widened to f64. */
  @inline static read<T extends number>(at: usize): v128 {
    return sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v128.load64_zero(at)) : v128.load(at);
  }
}

class One {
  @inline static read<T extends number>(at: usize): f64 { return <f64>load<T>(at); }
}

/** What is summed of two neighbours, or of one element, of arrays at `x` to `z`, with a scalar. What elementwise.ts says of rules holds here too. */
@unmanaged
export class Term<T extends number> {
  @inline pair(x: usize, y: usize, z: usize, a: f64): v128 { return i64x2.splat(0); }
  @inline one(x: usize, y: usize, z: usize, a: f64): f64 { return 0; }
}

/** x */
@final @unmanaged
export class Itself<T extends number> extends Term<T> {
  @inline pair(x: usize, y: usize, z: usize, a: f64): v128 { return Pair.read<T>(x); }
  @inline one(x: usize, y: usize, z: usize, a: f64): f64 { return One.read<T>(x); }
}

/** x² */
@final @unmanaged
export class Square<T extends number> extends Term<T> {
  @inline pair(x: usize, y: usize, z: usize, a: f64): v128 {
    const value = Pair.read<T>(x);
    return f64x2.mul(value, value);
  }
  @inline one(x: usize, y: usize, z: usize, a: f64): f64 {
    const value = One.read<T>(x);
    return value * value;
  }
}

/** |x| */
@final @unmanaged
class Magnitude<T extends number> extends Term<T> {
  @inline pair(x: usize, y: usize, z: usize, a: f64): v128 { return f64x2.abs(Pair.read<T>(x)); }
  @inline one(x: usize, y: usize, z: usize, a: f64): f64 { return Math.abs(One.read<T>(x)); }
}

/** x · y */
@final @unmanaged
class Product<T extends number> extends Term<T> {
  @inline pair(x: usize, y: usize, z: usize, a: f64): v128 { return f64x2.mul(Pair.read<T>(x), Pair.read<T>(y)); }
  @inline one(x: usize, y: usize, z: usize, a: f64): f64 { return One.read<T>(x) * One.read<T>(y); }
}

/** (x − y)² */
@final @unmanaged
class SquaredGap<T extends number> extends Term<T> {
  @inline pair(x: usize, y: usize, z: usize, a: f64): v128 {
    const gap = f64x2.sub(Pair.read<T>(x), Pair.read<T>(y));
    return f64x2.mul(gap, gap);
  }
  @inline one(x: usize, y: usize, z: usize, a: f64): f64 {
    const gap = One.read<T>(x) - One.read<T>(y);
    return gap * gap;
  }
}

/** x · (y − z) */
@final @unmanaged
class ProductWithGap<T extends number> extends Term<T> {
  @inline pair(x: usize, y: usize, z: usize, a: f64): v128 {
    return f64x2.mul(Pair.read<T>(x), f64x2.sub(Pair.read<T>(y), Pair.read<T>(z)));
  }
  @inline one(x: usize, y: usize, z: usize, a: f64): f64 {
    return One.read<T>(x) * (One.read<T>(y) - One.read<T>(z));
  }
}

/** x · y / (√z + a) */
@final @unmanaged
class ProductOverRoot<T extends number> extends Term<T> {
  @inline pair(x: usize, y: usize, z: usize, a: f64): v128 {
    const product = f64x2.mul(Pair.read<T>(x), Pair.read<T>(y));
    return f64x2.div(product, f64x2.add(f64x2.sqrt(Pair.read<T>(z)), f64x2.splat(a)));
  }
  @inline one(x: usize, y: usize, z: usize, a: f64): f64 {
    return (One.read<T>(x) * One.read<T>(y)) / (Math.sqrt(One.read<T>(z)) + a);
  }
}

export class Reduce {
  @inline static sum<R extends Term<T>, T extends number>(n: usize, x: usize, y: usize, z: usize, c: usize): f64 {
    const scalar: f64 = c == 0 ? 0 : One.read<T>(c);
    let a = f64x2.splat(0), b = f64x2.splat(0), d = f64x2.splat(0), e = f64x2.splat(0);
    const size = sizeof<T>();
    const end = x + n * size;
    for (; x + 8 * size <= end; x += 8 * size, y += 8 * size, z += 8 * size) {
      a = f64x2.add(a, changetype<R>(0).pair(x, y, z, scalar));
      b = f64x2.add(b, changetype<R>(0).pair(x + 2 * size, y + 2 * size, z + 2 * size, scalar));
      d = f64x2.add(d, changetype<R>(0).pair(x + 4 * size, y + 4 * size, z + 4 * size, scalar));
      e = f64x2.add(e, changetype<R>(0).pair(x + 6 * size, y + 6 * size, z + 6 * size, scalar));
    }
    let first = f64x2.extract_lane(a, 0);
    for (; x < end; x += size, y += size, z += size) first += changetype<R>(0).one(x, y, z, scalar);
    const sum = f64x2.add(f64x2.add(f64x2.replace_lane(a, 0, first), b), f64x2.add(d, e));
    return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  }

  /**
   * Whether every |x| is below 2^exponent; of 128 and 1024, whether it is finite. Without its sign a larger number has larger bits, a NaN the
   * largest, and a power of two has none in the lower half of an f64: the upper ones decide.
   */
  @inline static within<T extends number>(n: usize, x: usize, exponent: i32): bool {
    const upper = sizeof<T>() == 4 ? i32x4.splat(-1) : i64x2.splat(0xffffffff00000000);
    const most = sizeof<T>() == 4 ? (exponent + 127) << 23 : (exponent + 1023) << 20;
    const magnitude = sizeof<T>() == 4 ? i32x4.splat(0x7fffffff) : i64x2.splat(0x7fffffffffffffff);
    let a = i64x2.splat(0), b = a, c = a, d = a;
    const end = x + n * sizeof<T>();
    for (; x + 64 <= end; x += 64) {
      a = i32x4.max_u(a, v128.and(v128.load(x), magnitude));
      b = i32x4.max_u(b, v128.and(v128.load(x, 16), magnitude));
      c = i32x4.max_u(c, v128.and(v128.load(x, 32), magnitude));
      d = i32x4.max_u(d, v128.and(v128.load(x, 48), magnitude));
    }
    for (; x < end; x += sizeof<T>()) a = i32x4.max_u(a, v128.abs<T>(Lanes.read<T>(x, false)));
    const largest = i32x4.max_u(i32x4.max_u(a, b), i32x4.max_u(c, d));
    return !v128.any_true(v128.and(i32x4.ge_u(largest, i32x4.splat(most)), upper));
  }

  /** The largest |x|, in any order. Not pmax: max gives NaN whichever operand is one. */
  @inline static largest<T extends number>(n: usize, x: usize): T {
    let a = i64x2.splat(0), b = i64x2.splat(0);
    const end = x + n * sizeof<T>();
    for (; x + 32 <= end; x += 32) {
      a = v128.max<T>(a, v128.abs<T>(v128.load(x)));
      b = v128.max<T>(b, v128.abs<T>(v128.load(x, 16)));
    }
    for (; x < end; x += sizeof<T>()) a = v128.max<T>(a, v128.abs<T>(Lanes.read<T>(x, false)));
    a = v128.max<T>(a, b);
    const pair = max<T>(v128.extract_lane<T>(a, 0), v128.extract_lane<T>(a, 1));
    if (sizeof<T>() == 8) return pair;
    return max<T>(pair, max<T>(v128.extract_lane<T>(a, 2), v128.extract_lane<T>(a, 3)));
  }
}

@final @unmanaged
class Within<T extends number> {
  @inline run(n: usize, x: usize, exponent: i32): bool { return Reduce.within<T>(n, x, exponent); }
}

@final @unmanaged
class LargestMagnitude<T extends number> {
  @inline run(n: usize, x: usize): T { return Reduce.largest<T>(n, x); }
}

export type sum_of_squares<T extends number> = Square<T>;
export type sum_of_magnitudes<T extends number> = Magnitude<T>;
export type dot<T extends number> = Product<T>;
export type squared_distance<T extends number> = SquaredGap<T>;
export type dot_with_gap<T extends number> = ProductWithGap<T>;
export type dot_over_root<T extends number> = ProductOverRoot<T>;
export type within<T extends number> = Within<T>;
export type largest_magnitude<T extends number> = LargestMagnitude<T>;
