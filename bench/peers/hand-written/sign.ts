import type { Update } from "./update.ts";

export const signum: Update = (p, g, [buffer], _, { lr, mu = 0.9 }) => {
  const n = p.length;
  const keep = 1 - mu;
  for (let i = 0; i < n; i++) {
    const b = mu * buffer[i] + keep * g[i];
    buffer[i] = b;
    p[i] -= lr * Math.sign(b);
  }
};

export const lion: Update = (p, g, [mean], _, { lr, beta1 = 0.9, beta2 = 0.99 }) => {
  const n = p.length;
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = mean[i];
    p[i] -= lr * Math.sign(beta1 * m + keep1 * grad);
    mean[i] = beta2 * m + keep2 * grad;
  }
};

/** The lr is what the sizes start at. */
export const rprop: Update = (p, g, [previous, sizes], t, options) => {
  const { lr, etaMinus = 0.5, etaPlus = 1.2, minStep = 1e-6, maxStep = 50 } = options;
  const n = p.length;
  if (t === 1) sizes.fill(lr);
  for (let i = 0; i < n; i++) {
    let grad = g[i];
    let size = sizes[i];
    const product = grad * previous[i];
    if (product > 0) size = Math.min(size * etaPlus, maxStep);
    else if (product < 0) {
      size = Math.max(size * etaMinus, minStep);
      grad = 0;
    }
    sizes[i] = size;
    p[i] -= size * Math.sign(grad);
    previous[i] = grad;
  }
};
