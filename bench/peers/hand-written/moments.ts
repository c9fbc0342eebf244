import type { Update } from "./update.ts";

// Adam's kin with other moments than Adam's.

export const adabelief: Update = (p, g, [mean, variance], t, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-16 }) => {
  const n = p.length;
  const rate = lr / (1 - beta1 ** t);
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const surprise = grad - m;
    const v = beta2 * variance[i] + keep2 * surprise * surprise + eps;
    mean[i] = m;
    variance[i] = v;
    p[i] -= (rate * m) / (Math.sqrt(v) * root + eps);
  }
};

export const yogi: Update = (p, g, [mean, square], t, { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-3 }) => {
  const n = p.length;
  const rate = lr / (1 - beta1 ** t);
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const g2 = grad * grad;
    const old = square[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = old - keep2 * Math.sign(old - g2) * g2;
    mean[i] = m;
    square[i] = v;
    p[i] -= (rate * m) / (Math.sqrt(v) * root + eps);
  }
};

export const adopt: Update = (p, g, [mean, square], t, { lr, beta1 = 0.9, beta2 = 0.9999, eps = 1e-6 }) => {
  const n = p.length;
  if (t === 1) {
    for (let i = 0; i < n; i++) square[i] = g[i] * g[i];
    return;
  }
  const clip = (t - 1) ** 0.25;
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const v = square[i];
    const normed = grad / Math.max(Math.sqrt(v), eps);
    const m = beta1 * mean[i] + keep1 * Math.min(Math.max(normed, -clip), clip);
    mean[i] = m;
    p[i] -= lr * m;
    square[i] = beta2 * v + keep2 * grad * grad;
  }
};

export const adan: Update = (p, g, [mean, trend, square, previous], t, options) => {
  const { lr, beta1 = 0.98, beta2 = 0.92, beta3 = 0.99, eps = 1e-8 } = options;
  const n = p.length;
  const rate = lr / (1 - beta1 ** t);
  const ahead = (lr * beta2) / (1 - beta2 ** t);
  const root = 1 / Math.sqrt(1 - beta3 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  const keep3 = 1 - beta3;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const change = t === 1 ? 0 : grad - previous[i];
    const forecast = grad + beta2 * change;
    const m = beta1 * mean[i] + keep1 * grad;
    const d = beta2 * trend[i] + keep2 * change;
    const v = beta3 * square[i] + keep3 * forecast * forecast;
    mean[i] = m;
    trend[i] = d;
    square[i] = v;
    previous[i] = grad;
    p[i] -= (rate * m + ahead * d) / (Math.sqrt(v) * root + eps);
  }
};

export const ademamix: Update = (p, g, [fast, slow, square], t, options) => {
  const { lr, beta1 = 0.9, beta2 = 0.999, beta3 = 0.9999, alpha = 5, eps = 1e-8 } = options;
  const n = p.length;
  const rate = lr / (1 - beta1 ** t);
  const along = lr * alpha;
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  const keep3 = 1 - beta3;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m1 = beta1 * fast[i] + keep1 * grad;
    const m2 = beta3 * slow[i] + keep3 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    fast[i] = m1;
    slow[i] = m2;
    square[i] = v;
    p[i] -= (rate * m1 + along * m2) / (Math.sqrt(v) * root + eps);
  }
};
