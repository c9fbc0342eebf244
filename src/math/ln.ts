const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/**
 * The natural logarithm of a positive, finite, normal `x`, from IEEE operations alone, within 1 ulp of the exact value. Where a power
 * is to be made of a logarithm, log2.ts has more digits. The mirror of assembly/math/ln.ts.
 */
export function ln(x: number): number {
  bits[0] = x;
  let e = (words[1] >>> 20) - 1023;
  words[1] = (words[1] & 0x000fffff) | 0x3ff00000;
  let m = bits[0];
  if (m > Math.SQRT2) {
    m *= 0.5;
    e += 1;
  }

  // ln(m) = 2 · atanh(s) = f − s · (f − R) with f = m − 1, s = f / (m + 1) and R = 2 · (s²/3 + s⁴/5 + …): f is exact.
  const f = m - 1;
  const s = f / (m + 1);
  const z = s * s;
  let r = 0.08;
  r = r * z + 0.08695652173913043;
  r = r * z + 0.09523809523809523;
  r = r * z + 0.10526315789473684;
  r = r * z + 0.11764705882352941;
  r = r * z + 0.13333333333333333;
  r = r * z + 0.15384615384615385;
  r = r * z + 0.18181818181818182;
  r = r * z + 0.2222222222222222;
  r = r * z + 0.2857142857142857;
  r = r * z + 0.4;
  r = r * z + 0.6666666666666666;
  r *= z;
  // ln 2 in two parts, the first with so few digits that e times it is exact.
  return e * 0.6931471803691238 - (s * (f - r) - e * 1.9082149292705877e-10 - f);
}
