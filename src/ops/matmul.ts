import type { FloatArray, Round } from "../common/types.ts";
import type { Operation } from "../kernels/backend.ts";

// The mirror of assembly/ops/matmul.ts: an element is one sum from its first term to its last in the dtype, every product and every sum
// rounded. Matrices lie row after row.

/** What is multiplied: a · b; or one matrix, which then is both a and b, by its transpose. */
export const Form = { AB: 0, XXT: 1, XTX: 2 } as const;

/** Elements that sums of `k` terms need at `panel`: at most eight columns of the right factor, and a tile. */
export const panelOf = (k: number): number => 8 * (k + 4);

/** out ← keep · d + scale · (a · b), m · n elements, for c [keep, scale] and sums of k terms. A keep of 0 leaves d unread. */
export const matmul: Operation<
  [
    ...sizes: [form: number, m: number, n: number, k: number],
    ...arrays: [a: FloatArray, b: FloatArray, d: FloatArray, out: FloatArray, c: FloatArray, panel: FloatArray],
  ]
> = {
  kernel: "matmul",
  plain(round, form, m, n, k, a, b, d, out, c) {
    if (form === Form.AB) multiply(round, m, n, k, a, b, d, out, c);
    else if (form === Form.XXT) square(round, n, k, k, 1, a, d, out, c);
    else square(round, n, k, 1, n, a, d, out, c);
  },
};

const blend = (round: Round, keep: number, d: number, scale: number, sum: number): number =>
  keep === 0 ? round(scale * sum) : round(round(keep * d) + round(scale * sum));

function multiply(
  round: Round,
  m: number,
  n: number,
  k: number,
  a: FloatArray,
  b: FloatArray,
  d: FloatArray,
  out: FloatArray,
  [keep, scale]: FloatArray,
): void {
  for (let i = 0; i < m; i++) {
    const row = i * n;
    out.fill(0, row, row + n);
    // Row by row of b, which is how it lies; out rounds the sums.
    for (let t = 0; t < k; t++) {
      const factor = a[i * k + t];
      for (let j = 0; j < n; j++) out[row + j] += round(factor * b[t * n + j]);
    }
    for (let j = row; j < row + n; j++) out[j] = blend(round, keep, d[j], scale, out[j]);
  }
}

/** Of n lines of k elements, `step` from one to the next. */
function square(
  round: Round,
  n: number,
  k: number,
  line: number,
  step: number,
  x: FloatArray,
  d: FloatArray,
  out: FloatArray,
  [keep, scale]: FloatArray,
): void {
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) {
      let sum = 0;
      for (let t = 0; t < k; t++) sum = round(sum + round(x[i * line + t * step] * x[j * line + t * step]));
      const value = blend(round, keep, d[i * n + j], scale, sum);
      out[i * n + j] = value;
      out[j * n + i] = value;
    }
}
