import { Exp2 } from "./exp2";

/** Products of doubles to twice a double's precision, by Veltkamp's split: no fused multiply-add exists here. */
export class Double {
  @inline static upper(a: v128): v128 {
    const c = f64x2.mul(a, f64x2.splat(134217729));
    return f64x2.sub(c, f64x2.sub(c, a));
  }

  /** What `p`, the rounded a · b, lost. */
  @inline static lost(a: v128, b: v128, p: v128): v128 {
    const ah = Double.upper(a), bh = Double.upper(b);
    const al = f64x2.sub(a, ah), bl = f64x2.sub(b, bh);
    const first = f64x2.sub(f64x2.mul(ah, bh), p);
    return f64x2.add(f64x2.add(f64x2.add(first, f64x2.mul(ah, bl)), f64x2.mul(al, bh)), f64x2.mul(al, bl));
  }
}

/** x^y on f64x2. The mirror of src/math/pow.ts and src/math/log2.ts, where the reasons are. */
export class Pow {
  /** 2^(y · (hi + lo)), for a base whose logarithm is known */
  @inline static ofLog2(hi: v128, lo: v128, y: v128): v128 {
    const p = f64x2.mul(hi, y);
    return Exp2.of(p, f64x2.add(Double.lost(hi, y, p), f64x2.mul(lo, y)));
  }

  /** x^y for x ≥ 0 and y > 0 */
  @inline static of(x: v128, y: v128): v128 {
    const tiny = f64x2.lt(x, f64x2.splat(2.2250738585072014e-308));
    const normal = v128.bitselect(f64x2.mul(x, f64x2.splat(18014398509481984)), x, tiny);
    const bias = f64x2.add(f64x2.splat(4503599627371519), v128.and(tiny, f64x2.splat(54)));
    const exponent = f64x2.sub(v128.or(i64x2.shr_u(normal, 52), i64x2.splat(0x4330000000000000)), bias);
    const fraction = v128.or(v128.and(normal, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3ff0000000000000));
    const large = f64x2.gt(fraction, f64x2.splat(1.4142135623730951));
    const m = v128.bitselect(f64x2.mul(fraction, f64x2.splat(0.5)), fraction, large);
    const e = v128.bitselect(f64x2.add(exponent, f64x2.splat(1)), exponent, large);

    const one = f64x2.splat(1);
    const f = f64x2.sub(m, one);
    const d = f64x2.add(m, one);
    const dl = f64x2.sub(m, f64x2.sub(d, one));
    const s = f64x2.div(f, d);
    const p = f64x2.mul(s, d);
    const rest = f64x2.sub(f64x2.sub(f64x2.sub(f, p), Double.lost(s, d, p)), f64x2.mul(s, dl));
    const sl = f64x2.div(rest, d);

    const z = f64x2.mul(s, s);
    const zl = f64x2.add(Double.lost(s, s, z), f64x2.mul(f64x2.mul(f64x2.splat(2), s), sl));
    let u = f64x2.splat(0.04);
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.043478260869565216));
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.047619047619047616));
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.05263157894736842));
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.058823529411764705));
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.06666666666666667));
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.07692307692307693));
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.09090909090909091));
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.1111111111111111));
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.14285714285714285));
    u = f64x2.add(f64x2.mul(u, z), f64x2.splat(0.2));
    u = f64x2.mul(u, z);
    const third = f64x2.splat(0.3333333333333333);
    const q = f64x2.add(third, u);
    const ql = f64x2.add(f64x2.add(f64x2.sub(third, q), u), f64x2.splat(1.850371707708594e-17));
    const zq = f64x2.mul(z, q);
    const zql = f64x2.add(f64x2.add(Double.lost(z, q, zq), f64x2.mul(z, ql)), f64x2.mul(zl, q));
    const w = f64x2.add(one, zq);
    const wl = f64x2.add(f64x2.add(f64x2.sub(one, w), zq), zql);
    const t = f64x2.mul(s, w);
    const tl = f64x2.add(f64x2.add(Double.lost(s, w, t), f64x2.mul(s, wl)), f64x2.mul(sl, w));
    const scale = f64x2.splat(2.8853900817779268);
    const r = f64x2.mul(t, scale);
    const rl = f64x2.add(f64x2.add(Double.lost(t, scale, r), f64x2.mul(t, f64x2.splat(4.0710547481862066e-17))), f64x2.mul(tl, scale));

    const hi = f64x2.add(e, r);
    const lo = f64x2.add(f64x2.sub(r, f64x2.sub(hi, e)), rl);
    return v128.bitselect(Pow.ofLog2(hi, lo, y), x, f64x2.gt(x, f64x2.splat(0)));
  }
}
