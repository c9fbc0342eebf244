/**
 * cos(πx) for finite x, from IEEE operations alone. π is not multiplied into the argument before it is reduced, so that the result is
 * exact wherever 2x is whole. Within 1.6 ulp of the exact value. The mirror of assembly/math/cospi.ts.
 */
export function cospi(x: number): number {
  // All exact, from |x| on: to [0, 2) by the period, to [0, 1] by symmetry, and to a sine's argument in [-1/2, 1/2].
  const turn = Math.abs(x) - 2 * Math.floor(Math.abs(x) * 0.5);
  const t = 0.5 - (turn > 1 ? 2 - turn : turn);
  // sin(πt) = 2t + t · (π - 2 + …), the least polynomial that is off by less than 2^-61 of it. 2t and 4z are exact.
  const z = t * t;
  let r = 7.69472715744174e-7;
  r = r * z - 0.000021903185407119565;
  r = r * z + 0.00046629968877016405;
  r = r * z - 0.007370430478762746;
  r = r * z + 0.08214588656989281;
  r = r * z - 0.5992645293187382;
  r = r * z + 2.5501640398772945;
  r = r * z - 1.1677127800499703;
  r = r * z + (1.1415926535897933 - 4 * z);
  return r * t + 2 * t;
}
