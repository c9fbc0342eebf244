/** The natural logarithm of positive normal numbers on f64x2. The mirror of src/math/ln.ts, where the reasons are. */
export class Ln {
  @inline static of(x: v128): v128 {
    const one = f64x2.splat(1);
    const exponent = f64x2.sub(v128.or(i64x2.shr_u(x, 52), i64x2.splat(0x4330000000000000)), f64x2.splat(4503599627371519));
    const fraction = v128.or(v128.and(x, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3ff0000000000000));
    const large = f64x2.gt(fraction, f64x2.splat(1.4142135623730951));
    const m = v128.bitselect(f64x2.mul(fraction, f64x2.splat(0.5)), fraction, large);
    const e = v128.bitselect(f64x2.add(exponent, one), exponent, large);

    const f = f64x2.sub(m, one);
    const s = f64x2.div(f, f64x2.add(m, one));
    const z = f64x2.mul(s, s);
    let r = f64x2.splat(0.08);
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.08695652173913043));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.09523809523809523));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.10526315789473684));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.11764705882352941));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.13333333333333333));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.15384615384615385));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.18181818181818182));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.2222222222222222));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.2857142857142857));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.4));
    r = f64x2.add(f64x2.mul(r, z), f64x2.splat(0.6666666666666666));
    r = f64x2.mul(r, z);
    const small = f64x2.sub(f64x2.mul(s, f64x2.sub(f, r)), f64x2.mul(e, f64x2.splat(1.9082149292705877e-10)));
    return f64x2.sub(f64x2.mul(e, f64x2.splat(0.6931471803691238)), f64x2.sub(small, f));
  }
}
