/** Models with data, and the optimizers that train them. */
import type { makers } from "./makers.ts";
import { crossEntropy, dense, embedding, type Layer, layerNorm, logistic, Net, relu, squares, tanh } from "./nets.ts";
import { gaussian, logUniform, type Random } from "./quadratics.ts";

export const ROWS = 128;

export interface Problem {
  readonly net: Net;
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  /** Names of parameters that are not trained. */
  readonly frozen?: RegExp;
}

/** What tasks are drawn from. */
export interface Kinds {
  readonly problems: Readonly<Record<string, (next: Random) => Problem>>;
  readonly optimizers: Readonly<Record<string, { readonly make: keyof typeof makers; readonly options?: object }>>;
}

export const columns = (data: Float64Array) => data.length / ROWS;
export const bySd = (count: number, next: Random, sd = 1) =>
  Float64Array.from({ length: count }, () => sd * gaussian(next));
export const he = (n: number) => Math.sqrt(2 / n);

/** Outputs of a random net, by rows. */
export function teach(inputs: Float64Array, outputs: number, hidden: number, next: Random): Float64Array {
  const n = columns(inputs);
  const { weights, bind } = bound([
    dense("a", [n, hidden], 1.5 * he(n), next),
    tanh,
    dense("z", [hidden, outputs], he(hidden), next),
  ]);
  return bind(weights, inputs);
}

function bound(layers: readonly Layer[]) {
  const weights: Readonly<Record<string, Float32Array>> = Object.assign({}, ...layers.map((layer) => layer.weights));
  return {
    weights,
    bind: (params: typeof weights, x: Float64Array) =>
      layers.map((layer) => layer.bind(params, {})).reduce((y, layer) => layer.forward(y), x),
  };
}

export const largest = (rows: Float64Array, n: number) =>
  Float64Array.from({ length: ROWS }, (_, r) => {
    const row = rows.subarray(r * n, r * n + n);
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });

/** Some classes are wrong in most data. */
export function mislabelled(targets: Float64Array, count: number, next: Random): Float64Array {
  const share = next() < 0.3 ? 0 : 0.1;
  return targets.map((target) => (next() < share ? Math.floor(next() * count) : target));
}

/** Classes of a teacher's. */
export const classes = (inputs: Float64Array, count: number, next: Random): Float64Array =>
  mislabelled(largest(teach(inputs, count, 8, next), count), count, next);

/** Standardised features, features of other scales, or none below 0, as of pixels. */
export function features(n: number, next: Random): Float64Array {
  const inputs = bySd(ROWS * n, next);
  const kind = Math.floor(3 * next());
  if (kind === 0) return inputs;
  if (kind === 1) return inputs.map(Math.abs);
  const scales = Array.from({ length: n }, () => logUniform(next, 0.2, 5));
  return inputs.map((x, i) => x * scales[i % n]);
}

const problems: Kinds["problems"] = {
  logistic(next) {
    const inputs = features(20, next);
    const targets = teach(inputs, 1, 4, next).map((y) => (y + 0.5 * gaussian(next) > 0 ? 1 : 0));
    return { net: new Net([dense("w", [20, 1], 0, next)], logistic), inputs, targets };
  },
  linear(next) {
    const inputs = features(10, next);
    const noise = logUniform(next, 0.03, 1);
    const targets = teach(inputs, 1, 2, next).map((y) => y + 2 + noise * gaussian(next));
    return { net: new Net([dense("w", [10, 1], 0, next)], squares), inputs, targets };
  },
  softmax(next) {
    const inputs = features(8, next);
    return { net: new Net([dense("w", [8, 5], 0, next)], crossEntropy), inputs, targets: classes(inputs, 5, next) };
  },
  relu(next) {
    const inputs = features(8, next);
    const layers = [dense("a", [8, 16], he(8), next), relu, dense("z", [16, 4], he(16), next)];
    return { net: new Net(layers, crossEntropy), inputs, targets: classes(inputs, 4, next) };
  },
  tanh(next) {
    const inputs = features(4, next);
    const layers = [dense("a", [4, 16], he(4), next), tanh, dense("z", [16, 1], he(16), next)];
    return { net: new Net(layers, squares), inputs, targets: teach(inputs, 1, 6, next) };
  },
  deep(next) {
    const inputs = features(6, next);
    const block = (name: string, n: number) => [dense(name, [n, 12], he(n), next), relu];
    const layers = [...block("a", 6), ...block("b", 12), ...block("c", 12), dense("z", [12, 3], he(12), next)];
    return { net: new Net(layers, crossEntropy), inputs, targets: classes(inputs, 3, next) };
  },
  normed(next) {
    const inputs = features(8, next);
    const block = (name: string, n: number) => [dense(name, [n, 12], he(n), next), layerNorm(`${name}.norm`, 12), relu];
    const layers = [...block("a", 8), ...block("b", 12), dense("z", [12, 4], 0, next)];
    return { net: new Net(layers, crossEntropy), inputs, targets: classes(inputs, 4, next) };
  },
  words(next) {
    const meaning = bySd(150 * 4, next);
    const inputs = Float64Array.from({ length: ROWS * 5 }, () => Math.floor(150 * next() ** 2));
    const sums = Float64Array.from({ length: ROWS * 4 }, (_, i) =>
      inputs
        .subarray(Math.floor(i / 4) * 5, Math.floor(i / 4) * 5 + 5)
        .reduce((sum, word) => sum + meaning[word * 4 + (i % 4)], 0),
    );
    const layers = [embedding("e", [150, 6, 5], 0.1, next), dense("z", [6, 4], he(6), next)];
    return { net: new Net(layers, crossEntropy), inputs, targets: mislabelled(largest(sums, 4), 4, next) };
  },
  frozen(next) {
    const inputs = features(8, next);
    const layers = [dense("a", [8, 24], he(8), next), relu, dense("z", [24, 4], 0, next)];
    return { net: new Net(layers, crossEntropy), inputs, targets: classes(inputs, 4, next), frozen: /^a/ };
  },
};

const optimizers: Kinds["optimizers"] = {
  sgd: { make: "sgd" },
  momentum: { make: "sgd", options: { momentum: 0.9 } },
  nesterov: { make: "sgd", options: { momentum: 0.9, nesterov: true } },
  adam: { make: "adam" },
  adamw: { make: "adamw", options: { weightDecay: 0.01 } },
  nadam: { make: "nadam" },
  rmsprop: { make: "rmsprop" },
  adagrad: { make: "adagrad" },
  lion: { make: "lion" },
  signum: { make: "signum" },
  lamb: { make: "lamb", options: { weightDecay: 0.01 } },
  amsgrad: { make: "adam", options: { amsgrad: true } },
};

/** With which the thresholds of verdicts were chosen. */
export const chosen: Kinds = { problems, optimizers };
