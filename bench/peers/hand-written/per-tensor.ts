import type { Update } from "./update.ts";

// What needs a number of the whole tensor before it can update one element: two passes.

export const lars: Update = (p, g, [buffer], _, options) => {
  const { lr, mu = 0.9, weightDecay = 1e-4, trustCoeff = 1e-3, eps = 1e-8 } = options;
  const n = p.length;
  let p2 = 0;
  let g2 = 0;
  for (let i = 0; i < n; i++) {
    p2 += p[i] * p[i];
    g2 += g[i] * g[i];
  }
  const norm = Math.sqrt(p2);
  const scale = p2 > 0 && g2 > 0 ? (trustCoeff * norm) / (Math.sqrt(g2) + weightDecay * norm + eps) : 1;
  const decay = scale * weightDecay;
  for (let i = 0; i < n; i++) {
    const param = p[i];
    const b = mu * buffer[i] + scale * g[i] + decay * param;
    buffer[i] = b;
    p[i] = param - lr * b;
  }
};

export const lamb: Update = (p, g, [mean, square], t, options, { scratch }) => {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-6, weightDecay = 1e-2 } = options;
  const n = p.length;
  const rate = 1 / (1 - beta1 ** t);
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  let p2 = 0;
  let u2 = 0;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const param = p[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    const u = (rate * m) / (Math.sqrt(v) * root + eps) + weightDecay * param;
    mean[i] = m;
    square[i] = v;
    scratch[i] = u;
    p2 += param * param;
    u2 += u * u;
  }
  const scale = p2 > 0 && u2 > 0 ? lr * Math.sqrt(p2 / u2) : lr;
  for (let i = 0; i < n; i++) p[i] -= scale * scratch[i];
};

export const novograd: Update = (p, g, [mean], _, { lr, beta1 = 0.95, beta2 = 0.98, eps = 1e-8 }, { carried }) => {
  const n = p.length;
  let g2 = 0;
  for (let i = 0; i < n; i++) g2 += g[i] * g[i];
  const square = carried[0] === 0 ? g2 : beta2 * carried[0] + (1 - beta2) * g2;
  carried[0] = square;
  const scale = 1 / (Math.sqrt(square) + eps);
  for (let i = 0; i < n; i++) {
    const m = beta1 * mean[i] + scale * g[i];
    mean[i] = m;
    p[i] -= lr * m;
  }
};

/** AdamW without the elements whose update and gradient disagree in sign. */
export const cautious: Update = (p, g, [mean, square], t, options, { scratch }) => {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 1e-2 } = options;
  const n = p.length;
  const rate = lr / (1 - beta1 ** t);
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  const shrink = 1 - lr * weightDecay;
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const m = beta1 * mean[i] + keep1 * grad;
    const v = beta2 * square[i] + keep2 * grad * grad;
    const u = (rate * m) / (Math.sqrt(v) * root + eps);
    const agrees = u * grad > 0;
    mean[i] = m;
    square[i] = v;
    scratch[i] = agrees ? u : 0;
    if (agrees) kept++;
  }
  const scale = 1 / Math.max(kept / n, 1e-3);
  for (let i = 0; i < n; i++) p[i] = shrink * p[i] - scale * scratch[i];
};
