import type { Own, Update } from "./update.ts";

/** The weight of the parameter of this update in the average: an lr that never changes makes it the mean. */
function share({ carried }: Own, lr: number): number {
  const weight = lr * lr;
  carried[0] += weight;
  return weight / carried[0];
}

export const scheduleFreeSgd: Update = (p, g, [z], t, { lr, momentum = 0.9 }, own) => {
  const n = p.length;
  if (t === 1) z.set(p);
  const blend = share(own, lr);
  const pull = lr * (momentum * (1 - blend) - 1);
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const param = p[i];
    const old = z[i];
    p[i] = param + blend * (old - param) + pull * grad;
    z[i] = old - lr * grad;
  }
};

export const scheduleFreeAdamw: Update = (p, g, [z, square], t, options, own) => {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, decay = 0 } = options;
  const n = p.length;
  if (t === 1) z.set(p);
  const blend = share(own, lr);
  const pull = lr * (beta1 * (1 - blend) - 1);
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  const keep2 = 1 - beta2;
  for (let i = 0; i < n; i++) {
    const grad = g[i];
    const param = p[i];
    const old = z[i];
    const v = beta2 * square[i] + keep2 * grad * grad;
    square[i] = v;
    const direction = grad / (Math.sqrt(v) * root + eps) + decay * param;
    p[i] = param + blend * (old - param) + pull * direction;
    z[i] = old - lr * direction;
  }
};
