/** Losses with their gradients, for what asks for both: the same as in test/fixtures/make_lbfgs.py. */

type Vector = readonly number[];

/** Writes the gradient at `x` into `out` and returns the loss. */
export type Loss = (x: Vector, out: number[]) => number;

/** Half of x' A x less the sum of x, where A has 2, 3, 4, … on its diagonal and −1 beside it. */
const quadratic: Loss = (x, out) => {
  let loss = 0;
  for (let i = 0; i < x.length; i++) {
    const beside = (x[i - 1] ?? 0) + (x[i + 1] ?? 0);
    out[i] = (2 + i) * x[i] - beside - 1;
    loss += 0.5 * x[i] * ((2 + i) * x[i] - beside) - x[i];
  }
  return loss;
};

const rosenbrock: Loss = ([x, y], out) => {
  const gap = y - x * x;
  out[0] = 2 * (x - 1) - 400 * x * gap;
  out[1] = 200 * gap;
  return 100 * gap * gap + (1 - x) ** 2;
};

const himmelblau: Loss = ([x, y], out) => {
  const a = x * x + y - 11;
  const b = x + y * y - 7;
  out[0] = 4 * x * a + 2 * b;
  out[1] = 2 * a + 4 * y * b;
  return a * a + b * b;
};

const matyas: Loss = ([x, y], out) => {
  out[0] = 0.52 * x - 0.48 * y;
  out[1] = 0.52 * y - 0.48 * x;
  return 0.26 * (x * x + y * y) - 0.48 * x * y;
};

const eggholder: Loss = ([x, y], out) => {
  const [u, v] = [x / 2 + y + 47, x - (y + 47)];
  const [a, b] = [Math.sqrt(Math.abs(u)), Math.sqrt(Math.abs(v))];
  const da = ((y + 47) * Math.cos(a) * Math.sign(u)) / (2 * a);
  const db = (x * Math.cos(b) * Math.sign(v)) / (2 * b);
  out[0] = -0.5 * da - Math.sin(b) - db;
  out[1] = -Math.sin(a) - da + db;
  return -(y + 47) * Math.sin(a) - x * Math.sin(b);
};

const zakharov: Loss = (x, out) => {
  let squares = 0;
  let weighted = 0;
  for (let i = 0; i < x.length; i++) {
    squares += x[i] * x[i];
    weighted += 0.5 * (i + 1) * x[i];
  }
  for (let i = 0; i < x.length; i++) out[i] = 2 * x[i] + (i + 1) * (weighted + 2 * weighted ** 3);
  return squares + weighted ** 2 + weighted ** 4;
};

/** Many hills and valleys on a wide slope. */
const waves: Loss = (x, out) => {
  let loss = 0;
  for (let i = 0; i < x.length; i++) {
    loss += 0.05 * x[i] * x[i] + Math.sin(3 * x[i]);
    out[i] = 0.1 * x[i] + 3 * Math.cos(3 * x[i]);
  }
  return loss;
};

/** A cliff, a step up, a cliff. */
const terrace: Loss = ([x], out) => {
  const rise = 1 / (1 + Math.exp(-20 * (x - 0.5)));
  out[0] = -1 + 19 * rise * (1 - rise) + 0.002 * x;
  return -x + 0.95 * rise + 0.001 * x * x;
};

const wall: Loss = ([x], out) => {
  const beyond = Math.max(x - 0.3, 0);
  out[0] = -1 + 100 * beyond;
  return -x + 50 * beyond * beyond;
};

/** No search finds what it looks for. */
const cliff: Loss = ([x], out) => {
  out[0] = x < 0.3 ? -1 : 10;
  return x < 0.3 ? -x : 1 + 10 * x;
};

/** Steep at 0, and a flat way up beyond 1. */
const dell: Loss = ([x], out) => {
  out[0] = (x - 1) * Math.exp(-x);
  return -x * Math.exp(-x);
};

/** Down at a slope of 1, up at one of 10 beyond 1. */
const kink: Loss = ([x], out) => {
  const z = 10 * (x - 1);
  out[0] = -1 + 11 / (1 + Math.exp(-z));
  return -x + 1.1 * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))));
};

/** The mean cross-entropy of a weight a feature and a bias, and 0.005 times the squares of all. */
export const logisticOf =
  (features: readonly (readonly number[])[], labels: readonly number[]): Loss =>
  (x, out) => {
    const bias = x.length - 1;
    let loss = 0;
    for (let i = 0; i < x.length; i++) {
      loss += 0.005 * x[i] * x[i];
      out[i] = 0.01 * x[i];
    }
    features.forEach((row, k) => {
      const logit = row.reduce((sum, feature, i) => sum + feature * x[i], x[bias]);
      loss += (Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(logit, 0) - labels[k] * logit) / features.length;
      const error = (1 / (1 + Math.exp(-logit)) - labels[k]) / features.length;
      row.forEach((feature, i) => {
        out[i] += error * feature;
      });
      out[bias] += error;
    });
    return loss;
  };

export const negated =
  (loss: Loss): Loss =>
  (x, out) => {
    const value = loss(x, out);
    for (let i = 0; i < out.length; i++) out[i] = -out[i];
    return -value;
  };

export const losses: Readonly<Record<string, Loss>> = {
  quadratic,
  rosenbrock,
  himmelblau,
  matyas,
  eggholder,
  zakharov,
  waves,
  terrace,
  wall,
  cliff,
  dell,
  kink,
};
