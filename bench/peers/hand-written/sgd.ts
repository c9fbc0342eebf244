import type { Update } from "./update.ts";

export const sgd: Update = (p, g, _, __, { lr }) => {
  const n = p.length;
  for (let i = 0; i < n; i++) p[i] -= lr * g[i];
};

export const momentum: Update = (p, g, [buffer], _, { lr, mu = 0.9 }) => {
  const n = p.length;
  for (let i = 0; i < n; i++) {
    const b = mu * buffer[i] + g[i];
    buffer[i] = b;
    p[i] -= lr * b;
  }
};

export const nesterov: Update = (p, g, [buffer], _, { lr, mu = 0.9 }) => {
  const n = p.length;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const b = mu * buffer[i] + grad;
    buffer[i] = b;
    p[i] -= lr * (grad + mu * b);
  }
};

/** Averages from the first update on. */
export const asgd: Update = (p, g, [average], t, { lr, lambd = 1e-4, alpha = 0.75 }) => {
  const n = p.length;
  const rate = lr / (1 + lambd * lr * (t - 1)) ** alpha;
  const shrink = 1 - lambd * rate;
  const mu = 1 / Math.max(1, t - 1);
  for (let i = 0; i < n; i++) {
    const next = shrink * p[i] - rate * g[i];
    p[i] = next;
    average[i] += mu * (next - average[i]);
  }
};
