import type { Update } from "./update.ts";

// What sums over all parameters before it can update one of them.

export const dog: Update = (p, g, [start], t, { lr, repsRel = 1e-6, eps = 1e-8 }, { carried }) => {
  const n = p.length;
  let d2 = 0;
  let g2 = 0;
  for (let i = 0; i < n; i++) {
    const way = p[i] - start[i];
    d2 += way * way;
    g2 += g[i] * g[i];
  }
  const d = Math.sqrt(d2);
  if (t === 1) start.set(p);
  carried[0] = t === 1 ? repsRel * (1 + d) : Math.max(carried[0], d);
  carried[1] += t === 1 ? eps + g2 : g2;
  const rate = (lr * carried[0]) / Math.sqrt(carried[1]);
  for (let i = 0; i < n; i++) p[i] -= rate * g[i];
};

export const dowg: Update = (p, g, [start], t, { lr, eps = 1e-4 }, { carried }) => {
  const n = p.length;
  if (t === 1) start.set(p);
  let d2 = 0;
  let g2 = 0;
  for (let i = 0; i < n; i++) {
    const way = p[i] - start[i];
    d2 += way * way;
    g2 += g[i] * g[i];
  }
  carried[0] = Math.max(carried[0], d2, eps);
  carried[1] += carried[0] * g2;
  const rate = (lr * carried[0]) / (Math.sqrt(carried[1]) + eps);
  for (let i = 0; i < n; i++) p[i] -= rate * g[i];
};

export const prodigy: Update = (p, g, [mean, square, sum, start], t, options, { carried }) => {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, d0 = 1e-6 } = options;
  const n = p.length;
  const beta3 = Math.sqrt(beta2);
  if (t === 1) start.set(p);
  const old = t === 1 ? d0 : carried[0];
  const gain = (old / d0) * old * lr;
  let along = 0;
  let size = 0;
  for (let i = 0; i < n; i++) {
    const s = beta3 * sum[i] + gain * g[i];
    sum[i] = s;
    along += g[i] * (start[i] - p[i]);
    size += Math.abs(s);
  }
  carried[1] = beta3 * carried[1] + gain * along;
  const d = Math.max(old, carried[1] / size);
  carried[0] = d;
  const keep1 = old * (1 - beta1);
  const keep2 = old * old * (1 - beta2);
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    mean[i] = m;
    square[i] = v;
    p[i] -= (old * lr * m) / (Math.sqrt(v) + d * eps);
  }
};

export const dadaptAdam: Update = (p, g, [mean, square, sum], t, options, { carried }) => {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, d0 = 1e-6 } = options;
  const n = p.length;
  const root = Math.sqrt(beta2);
  const d = t === 1 ? d0 : carried[0];
  const gain = d * lr * (1 - root);
  let along = 0;
  let size = 0;
  for (let i = 0; i < n; i++) {
    const s = sum[i];
    along += (g[i] * s) / (Math.sqrt(square[i]) + eps);
    sum[i] = root * s + gain * g[i];
    size += Math.abs(sum[i]);
  }
  carried[1] = root * carried[1] + gain * along;
  carried[0] = Math.max(d, carried[1] / ((1 - root) * size));
  const keep1 = d * lr * (1 - beta1);
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    mean[i] = m;
    square[i] = v;
    p[i] -= m / (Math.sqrt(v) + eps);
  }
};

export const sgdHd: Update = (p, g, [previous], _, { lr, hypergradLr = 1e-6 }, { carried }) => {
  const n = p.length;
  let h = 0;
  for (let i = 0; i < n; i++) h += g[i] * previous[i];
  carried[0] += hypergradLr * h;
  const rate = lr + carried[0];
  for (let i = 0; i < n; i++) {
    p[i] -= rate * g[i];
    previous[i] = g[i];
  }
};

export const adamHd: Update = (p, g, [mean, square], t, options, { carried }) => {
  const { lr, hypergradLr = 1e-8, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
  const n = p.length;
  const correction = (t: number) => Math.sqrt(1 - beta2 ** t) / (1 - beta1 ** t);
  let h = 0;
  for (let i = 0; i < n; i++) h += (g[i] * mean[i]) / (Math.sqrt(square[i]) + eps);
  if (t > 1) carried[0] += hypergradLr * correction(t - 1) * h;
  const rate = (lr + carried[0]) * correction(t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    mean[i] = m;
    square[i] = v;
    p[i] -= (rate * m) / (Math.sqrt(v) + eps);
  }
};
