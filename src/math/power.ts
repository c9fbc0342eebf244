/**
 * x^n for a whole n in [0, 2^31) by repeated squaring, in f64: at most 62 multiplications and no rounding that an engine could
 * choose. The relative error grows with n, to about n · 2^-53.
 */
export function power(x: number, n: number): number {
  let result = 1;
  let square = x;
  for (let rest = n | 0; rest > 0; rest >>= 1) {
    if (rest & 1) result *= square;
    square *= square;
  }
  return result;
}
