import { lost } from "./product.ts";

/** A number known to about twice a double's precision: the double nearest to it and what that left over. */
export interface Pair {
  hi: number;
  lo: number;
}

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/**
 * The binary logarithm of a positive finite `x` to about 2^-63 of its size, from IEEE operations alone. That many bits because
 * a power multiplies it by up to 1075 / log2(x) and still has to come out within an ulp or two.
 *
 * @param pair receives the result: an out-parameter, so that a schedule evaluated every step allocates nothing
 */
export function log2(x: number, pair: Pair): Pair {
  const normal = x < 2.2250738585072014e-308 ? x * 18014398509481984 : x;
  bits[0] = normal;
  let e = (words[1] >>> 20) - (normal === x ? 1023 : 1077);
  words[1] = (words[1] & 0x000fffff) | 0x3ff00000;
  let m = bits[0];
  if (m > Math.SQRT2) {
    m *= 0.5;
    e += 1;
  }

  // log2(m) = 2 / ln 2 · atanh(s) with s = (m - 1) / (m + 1), |s| < 0.172. The quotient and what it left over:
  const f = m - 1;
  const d = m + 1;
  const dl = m - (d - 1);
  const s = f / d;
  const p = s * d;
  const sl = (f - p - lost(s, d, p) - s * dl) / d;

  // atanh(s) = s · (1 + z · (1/3 + z/5 + z²/7 + …)) with z = s²; the terms from z/5 on are small enough for plain doubles.
  const z = s * s;
  const zl = lost(s, s, z) + 2 * s * sl;
  let u = 0.04;
  u = u * z + 0.043478260869565216;
  u = u * z + 0.047619047619047616;
  u = u * z + 0.05263157894736842;
  u = u * z + 0.058823529411764705;
  u = u * z + 0.06666666666666667;
  u = u * z + 0.07692307692307693;
  u = u * z + 0.09090909090909091;
  u = u * z + 0.1111111111111111;
  u = u * z + 0.14285714285714285;
  u = u * z + 0.2;
  u *= z;
  const q = 0.3333333333333333 + u;
  const ql = 0.3333333333333333 - q + u + 1.850371707708594e-17;
  const zq = z * q;
  const zql = lost(z, q, zq) + z * ql + zl * q;
  const w = 1 + zq;
  const wl = 1 - w + zq + zql;
  const t = s * w;
  const tl = lost(s, w, t) + s * wl + sl * w;
  const r = t * 2.8853900817779268;
  const rl = lost(t, 2.8853900817779268, r) + t * 4.0710547481862066e-17 + tl * 2.8853900817779268;

  pair.hi = e + r;
  pair.lo = r - (pair.hi - e) + rl;
  return pair;
}
