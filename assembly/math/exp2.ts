/** 2^x on f64x2. The mirror of src/math/exp2.ts, where the reasons are. */
export class Exp2 {
  /** 2^(hi + lo) */
  @inline static of(hi: v128, lo: v128): v128 {
    const y = f64x2.max(f64x2.min(hi, f64x2.splat(1100)), f64x2.splat(-1100));
    const n = Exp2.round(y);
    const f = f64x2.add(f64x2.sub(y, n), v128.and(lo, f64x2.eq(y, hi)));
    let r = f64x2.splat(6.778726354822545e-14);
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(1.3691488853904128e-12));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(2.5678435993488206e-11));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(4.4455382718708116e-10));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(7.054911620801123e-09));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(1.01780860092397e-07));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(1.321548679014431e-06));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(1.5252733804059841e-05));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(0.0001540353039338161));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(0.0013333558146428443));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(0.009618129107628477));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(0.05550410866482158));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(0.24022650695910072));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(0.6931471805599453));
    r = f64x2.add(f64x2.mul(r, f), f64x2.splat(1.0));
    const half = Exp2.round(f64x2.mul(n, f64x2.splat(0.5)));
    return f64x2.mul(f64x2.mul(r, Exp2.integral(half)), Exp2.integral(f64x2.sub(n, half)));
  }

  /** To the nearest integer, ties to even, for |x| < 2^51. */
  @inline static round(x: v128): v128 {
    const magic = f64x2.splat(6755399441055744);
    return f64x2.sub(f64x2.add(x, magic), magic);
  }

  /** 2^n for whole n in [-1022, 1023]: the sum's low bits hold the biased exponent. */
  @inline static integral(n: v128): v128 {
    return i64x2.shl(f64x2.add(n, f64x2.splat(4503599627371519)), 52);
  }
}
