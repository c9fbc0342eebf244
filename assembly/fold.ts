import { Lanes } from "./sweep";

// The reductions. Every sum is taken in f64 in one fixed order, which src/fold.ts replays: element i of a block goes to lane i mod 8, the
// rest of a last short turn to lane 0, and the lanes are added pairwise. The caller adds the blocks in order.

/** What is summed of two neighbours, or of one number. Rules of sweep.ts apply. */
@unmanaged
export class Term {
  @inline pair(x: v128): v128 { return x; }
  @inline one(x: f64): f64 { return x; }
}

@final @unmanaged
export class Itself extends Term {
  @inline pair(x: v128): v128 { return x; }
  @inline one(x: f64): f64 { return x; }
}

@final @unmanaged
export class Square extends Term {
  @inline pair(x: v128): v128 { return f64x2.mul(x, x); }
  @inline one(x: f64): f64 { return x * x; }
}

class Pair {
  /** Two neighbours, widened to f64. */
  @inline static read<T extends number>(at: usize): v128 {
    return sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v128.load64_zero(at)) : v128.load(at);
  }
}

export class Fold {
  @inline static sum<R extends Term, T extends number>(n: usize, x: usize): f64 {
    let a = f64x2.splat(0), b = f64x2.splat(0), c = f64x2.splat(0), d = f64x2.splat(0);
    const end = x + n * sizeof<T>();
    for (; x + 8 * sizeof<T>() <= end; x += 8 * sizeof<T>()) {
      a = f64x2.add(a, changetype<R>(0).pair(Pair.read<T>(x)));
      b = f64x2.add(b, changetype<R>(0).pair(Pair.read<T>(x + 2 * sizeof<T>())));
      c = f64x2.add(c, changetype<R>(0).pair(Pair.read<T>(x + 4 * sizeof<T>())));
      d = f64x2.add(d, changetype<R>(0).pair(Pair.read<T>(x + 6 * sizeof<T>())));
    }
    let first = f64x2.extract_lane(a, 0);
    for (; x < end; x += sizeof<T>()) first += changetype<R>(0).one(<f64>load<T>(x));
    const sum = f64x2.add(f64x2.add(f64x2.replace_lane(a, 0, first), b), f64x2.add(c, d));
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
}

export function sum_of_squares_f32(n: usize, x: usize): f64 { return Fold.sum<Square, f32>(n, x); }
export function sum_of_squares_f64(n: usize, x: usize): f64 { return Fold.sum<Square, f64>(n, x); }
export function all_finite_f32(n: usize, x: usize): bool { return Fold.allFinite<f32>(n, x); }
export function all_finite_f64(n: usize, x: usize): bool { return Fold.allFinite<f64>(n, x); }
