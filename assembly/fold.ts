import { Lanes } from "./sweep";

// The reductions. Every sum is taken in f64 in one fixed order, which src/backends/plain.ts replays: element i of a block goes to
// lane i mod 8, the rest of a last short turn to lane 0, and the lanes are added pairwise. The caller adds the blocks in order.

class Pair {
  /** Two neighbours, widened to f64. */
  @inline static read<T extends number>(at: usize): v128 {
    return sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v128.load64_zero(at)) : v128.load(at);
  }
}

class Fold {
  @inline static sumOfSquares<T extends number>(n: usize, x: usize): f64 {
    let a = f64x2.splat(0), b = f64x2.splat(0), c = f64x2.splat(0), d = f64x2.splat(0);
    const end = x + n * sizeof<T>();
    for (; x + 8 * sizeof<T>() <= end; x += 8 * sizeof<T>()) {
      const p = Pair.read<T>(x), q = Pair.read<T>(x + 2 * sizeof<T>());
      const r = Pair.read<T>(x + 4 * sizeof<T>()), s = Pair.read<T>(x + 6 * sizeof<T>());
      a = f64x2.add(a, f64x2.mul(p, p));
      b = f64x2.add(b, f64x2.mul(q, q));
      c = f64x2.add(c, f64x2.mul(r, r));
      d = f64x2.add(d, f64x2.mul(s, s));
    }
    let first = f64x2.extract_lane(a, 0);
    for (; x < end; x += sizeof<T>()) {
      const rest = <f64>load<T>(x);
      first += rest * rest;
    }
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

export function sum_of_squares_f32(n: usize, x: usize): f64 { return Fold.sumOfSquares<f32>(n, x); }
export function sum_of_squares_f64(n: usize, x: usize): f64 { return Fold.sumOfSquares<f64>(n, x); }
export function all_finite_f32(n: usize, x: usize): bool { return Fold.allFinite<f32>(n, x); }
export function all_finite_f64(n: usize, x: usize): bool { return Fold.allFinite<f64>(n, x); }
