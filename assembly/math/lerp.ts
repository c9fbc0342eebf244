/** From `b` at t = 0 to `a` at t = 1. The mirror of src/math/mix.ts. */
export class Lerp {
  @inline static of(a: v128, b: v128, t: v128): v128 {
    const value = f64x2.add(f64x2.mul(f64x2.sub(a, b), t), b);
    return v128.bitselect(a, value, f64x2.eq(t, f64x2.splat(1)));
  }
}
