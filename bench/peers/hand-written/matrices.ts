import type { Update } from "./update.ts";

// What updates a matrix as such; its shape follows from the state.

export const adafactor: Update = (p, g, [rowVar, colVar], t, options, { scratch }) => {
  const { lr, beta2Decay = -0.8, eps1 = 2 ** -23, eps2 = 1e-3, d = 1 } = options;
  const rows = rowVar.length;
  const columns = colVar.length;
  const share = t ** beta2Decay;
  const keep = 1 - share;
  const sums = scratch.subarray(0, columns).fill(0);
  let p2 = 0;
  let mean = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let sum = 0;
    for (let column = 0; column < columns; column++) {
      const param = p[start + column];
      const square = g[start + column] * g[start + column];
      p2 += param * param;
      sum += square;
      sums[column] += square;
    }
    rowVar[row] = keep * rowVar[row] + (share * sum) / columns;
    mean += rowVar[row];
  }
  for (let column = 0; column < columns; column++)
    colVar[column] = keep * colVar[column] + (share * sums[column]) / rows;
  mean = Math.max(mean / rows, eps1);
  const floor = eps1 * eps1;
  let u2 = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const factor = rowVar[row] / mean;
    for (let column = 0; column < columns; column++) {
      const u = g[start + column] / Math.sqrt(Math.max(factor * colVar[column], floor));
      scratch[start + column] = u;
      u2 += u * u;
    }
  }
  const n = p.length;
  const step = Math.max(eps2, Math.sqrt(p2 / n)) * Math.min(lr, 1 / Math.sqrt(t));
  const scale = step / Math.max(1, Math.sqrt(u2 / n) / d);
  for (let i = 0; i < n; i++) p[i] -= scale * scratch[i];
};
