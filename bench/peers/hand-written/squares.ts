import type { Update } from "./update.ts";

// Steps divided by the root of summed or averaged squares.

export const adagrad: Update = (p, g, [sum], _, { lr, eps = 1e-10 }) => {
  const n = p.length;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const s = sum[i] + grad * grad;
    sum[i] = s;
    p[i] -= (lr * grad) / (Math.sqrt(s) + eps);
  }
};

export const rmsprop: Update = (p, g, [square], _, { lr, alpha = 0.99, eps = 1e-8 }) => {
  const n = p.length;
  const keep = 1 - alpha;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const v = alpha * square[i] + keep * grad * grad;
    square[i] = v;
    p[i] -= (lr * grad) / (Math.sqrt(v) + eps);
  }
};

export const centered: Update = (p, g, [square, mean], _, { lr, alpha = 0.99, eps = 1e-8 }) => {
  const n = p.length;
  const keep = 1 - alpha;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const v = alpha * square[i] + keep * grad * grad;
    const m = alpha * mean[i] + keep * grad;
    square[i] = v;
    mean[i] = m;
    p[i] -= (lr * grad) / (Math.sqrt(Math.max(v - m * m, 0)) + eps);
  }
};

export const adadelta: Update = (p, g, [square, steps], _, { lr, rho = 0.9, eps = 1e-6 }) => {
  const n = p.length;
  const keep = 1 - rho;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const old = steps[i];
    const v = rho * square[i] + keep * grad * grad;
    const delta = Math.sqrt((old + eps) / (v + eps)) * grad;
    square[i] = v;
    steps[i] = rho * old + keep * delta * delta;
    p[i] -= lr * delta;
  }
};

export const ftrl: Update = (p, g, [sum, linear], _, { lr, l1 = 0, l2 = 0 }) => {
  const n = p.length;
  const inverse = 1 / lr;
  const twice = 2 * l2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const old = sum[i];
    const s = old + grad * grad;
    const root = Math.sqrt(s);
    const z = linear[i] + grad - (root - Math.sqrt(old)) * inverse * p[i];
    sum[i] = s;
    linear[i] = z;
    p[i] = (Math.min(Math.max(z, -l1), l1) - z) / (root * inverse + twice);
  }
};
