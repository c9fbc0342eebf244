const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/**
 * 2^(hi + lo), from IEEE operations alone: `Math.pow` differs between engines, this does not. Within 1.2 ulp of the exact value.
 * The mirror of assembly/math/exp2.ts.
 *
 * @param hi the exponent; below -1100 the result is 0, above 1100 Infinity
 * @param lo what `hi` left over, when the exponent is known to more than a double
 */
export function exp2(hi: number, lo = 0): number {
  const y = Math.max(Math.min(hi, 1100), -1100);
  const n = round(y);
  const f = y - n + (y === hi ? lo : 0);
  // The Taylor series of 2^f on [-0.5, 0.5]: its first dropped term is below 2^-63.
  let r = 6.778726354822545e-14;
  r = r * f + 1.3691488853904128e-12;
  r = r * f + 2.5678435993488206e-11;
  r = r * f + 4.4455382718708116e-10;
  r = r * f + 7.054911620801123e-9;
  r = r * f + 1.01780860092397e-7;
  r = r * f + 1.321548679014431e-6;
  r = r * f + 1.5252733804059841e-5;
  r = r * f + 0.0001540353039338161;
  r = r * f + 0.0013333558146428443;
  r = r * f + 0.009618129107628477;
  r = r * f + 0.05550410866482158;
  r = r * f + 0.24022650695910072;
  r = r * f + Math.LN2;
  r = r * f + 1.0;
  // In two factors, so that a subnormal result is rounded once and 2^1024 is never needed.
  const half = round(n * 0.5);
  return r * integral(half) * integral(n - half);
}

/** To the nearest integer, ties to even, for |x| < 2^51: `Math.round` sends ties up, `f64x2.nearest` does not. */
function round(x: number): number {
  return x + 6755399441055744 - 6755399441055744;
}

/** 2^n for whole n in [-1022, 1023]: the low bits of n + 2^52 + 1023 are the biased exponent. */
function integral(n: number): number {
  bits[0] = n + 4503599627371519;
  words[1] = words[0] << 20;
  words[0] = 0;
  return bits[0];
}
