// The loops a competent user would write over Float32Arrays: ordinary double arithmetic, what is constant taken out of the loop,
// every element read once.

/** The defaults, but for an lr so small that the parameters stay in range however many updates are timed. */
export const hyper = { lr: 1e-6, mu: 0.9, alpha: 0.99, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 1e-2 };

/** One update: parameters, gradients, state in the optimizer's own order, the number of the update from 1. */
export type Update = (
  p: Float32Array,
  g: Float32Array,
  state: readonly Float32Array[],
  t: number,
  h: typeof hyper,
) => void;

export const sgd: Update = (p, g, _, __, { lr }) => {
  const n = p.length;
  for (let i = 0; i < n; i++) p[i] -= lr * g[i];
};

export const momentum: Update = (p, g, [buffer], _, { lr, mu }) => {
  const n = p.length;
  for (let i = 0; i < n; i++) {
    const b = mu * buffer[i] + g[i];
    buffer[i] = b;
    p[i] -= lr * b;
  }
};

export const nesterov: Update = (p, g, [buffer], _, { lr, mu }) => {
  const n = p.length;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const b = mu * buffer[i] + grad;
    buffer[i] = b;
    p[i] -= lr * (grad + mu * b);
  }
};

export const adagrad: Update = (p, g, [sum], _, { lr, eps }) => {
  const n = p.length;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const s = sum[i] + grad * grad;
    sum[i] = s;
    p[i] -= (lr * grad) / (Math.sqrt(s) + eps);
  }
};

export const rmsprop: Update = (p, g, [square], _, { lr, alpha, eps }) => {
  const n = p.length;
  const keep = 1 - alpha;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const v = alpha * square[i] + keep * grad * grad;
    square[i] = v;
    p[i] -= (lr * grad) / (Math.sqrt(v) + eps);
  }
};

export const centered: Update = (p, g, [square, mean], _, { lr, alpha, eps }) => {
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

export const adam: Update = (p, g, [mean, square], t, { lr, beta1, beta2, eps }) => {
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

export const amsgrad: Update = (p, g, [mean, square, largest], t, { lr, beta1, beta2, eps }) => {
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

export const adamw: Update = (p, g, [mean, square], t, { lr, beta1, beta2, eps, weightDecay }) => {
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
