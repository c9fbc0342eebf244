import type { Update } from "./update.ts";

// Adam, and what changes one thing about it.

export const adam: Update = (p, g, [mean, square], t, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }) => {
  const n = p.length;
  const rate = lr / (1 - beta1 ** t);
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    mean[i] = m;
    square[i] = v;
    p[i] -= (rate * m) / (Math.sqrt(v) * root + eps);
  }
};

export const amsgrad: Update = (p, g, [mean, square, largest], t, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }) => {
  const n = p.length;
  const rate = lr / (1 - beta1 ** t);
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    const most = Math.max(largest[i], v);
    mean[i] = m;
    square[i] = v;
    largest[i] = most;
    p[i] -= (rate * m) / (Math.sqrt(most) * root + eps);
  }
};

export const adamw: Update = (p, g, [mean, square], t, options) => {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 1e-2 } = options;
  const n = p.length;
  const rate = lr / (1 - beta1 ** t);
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  const shrink = 1 - lr * weightDecay;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    mean[i] = m;
    square[i] = v;
    p[i] = shrink * p[i] - (rate * m) / (Math.sqrt(v) * root + eps);
  }
};

export const adamax: Update = (p, g, [mean, norm], t, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }) => {
  const n = p.length;
  const rate = lr / (1 - beta1 ** t);
  const keep1 = 1 - beta1;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const u = Math.max(beta2 * norm[i], Math.abs(grad) + eps);
    mean[i] = m;
    norm[i] = u;
    p[i] -= (rate * m) / u;
  }
};

export const nadam: Update = (p, g, [mean, square], t, options, { carried }) => {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, momentumDecay = 4e-3 } = options;
  const n = p.length;
  const momentumAt = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  const mu = momentumAt(t);
  const next = momentumAt(t + 1);
  const product = t === 1 ? mu : carried[0] * mu;
  carried[0] = product;
  const rate = (lr * (1 - mu)) / (1 - product);
  const ahead = (lr * next) / (1 - product * next);
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    mean[i] = m;
    square[i] = v;
    p[i] -= (rate * grad + ahead * m) / (Math.sqrt(v) * root + eps);
  }
};

export const radam: Update = (p, g, [mean, square], t, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 }) => {
  const n = p.length;
  const correction = 1 - beta2 ** t;
  const most = 2 / (1 - beta2) - 1;
  const length = most - (2 * t * beta2 ** t) / correction;
  const variance = ((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length);
  const rectified = length > 5;
  const rate = (lr / (1 - beta1 ** t)) * (rectified ? Math.sqrt(variance * correction) : 1);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    mean[i] = m;
    square[i] = v;
    p[i] -= rectified ? (rate * m) / (Math.sqrt(v) + eps) : rate * m;
  }
};
