import { Lanes } from "./elementwise";

// The reductions. Every sum is taken in f64 in one fixed order, which src/fold.ts replays: element i of a block goes to lane i mod 8, the
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

  /** x · 0 is 0 for every finite x and NaN for the others, so one sum tells, in any order. */
  @inline static allFinite<T extends number>(n: usize, x: usize): bool {
    const zero = i64x2.splat(0);
    let a = zero, b = zero, c = zero, d = zero;
    const end = x + n * sizeof<T>();
    for (; x + 64 <= end; x += 64) {
      a = v128.add<T>(a, v128.mul<T>(v128.load(x), zero));
      b = v128.add<T>(b, v128.mul<T>(v128.load(x, 16), zero));
      c = v128.add<T>(c, v128.mul<T>(v128.load(x, 32), zero));
      d = v128.add<T>(d, v128.mul<T>(v128.load(x, 48), zero));
    }
    for (; x < end; x += sizeof<T>()) a = v128.add<T>(a, v128.mul<T>(Lanes.read<T>(x, false), zero));
    const sum = v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d));
    return !v128.any_true(v128.ne<T>(sum, zero));
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
class AllFinite<T extends number> {
  @inline run(n: usize, x: usize): bool { return Reduce.allFinite<T>(n, x); }
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
export type all_finite<T extends number> = AllFinite<T>;
export type largest_magnitude<T extends number> = LargestMagnitude<T>;
