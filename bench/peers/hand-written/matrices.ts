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

export const sm3: Update = (p, g, [rowSquare, columnSquare, mean], _, options, { scratch }) => {
  const { lr, momentum = 0.9, eps = 1e-8 } = options;
  const columns = columnSquare.length;
  const keep = 1 - momentum;
  const next = scratch.subarray(0, columns).fill(0);
  for (let row = 0; row < rowSquare.length; row++) {
    const start = row * columns;
    const cover = rowSquare[row];
    let most = 0;
    for (let column = 0; column < columns; column++) {
      const grad = g[start + column];
      const square = Math.min(cover, columnSquare[column]) + grad * grad;
      most = Math.max(most, square);
      next[column] = Math.max(next[column], square);
      const m = momentum * mean[start + column] + (square > 0 ? (keep * grad) / Math.sqrt(square + eps) : 0);
      mean[start + column] = m;
      p[start + column] -= lr * m;
    }
    rowSquare[row] = most;
  }
  columnSquare.set(next);
};
