/** Small trainings of many kinds whose best learning rate is known by trying: what is said of rates is held against them. */
import type { Optimizer } from "../src/index.ts";
import { makers } from "./makers.ts";
import { crossEntropy, dense, embedding, type Layer, layerNorm, logistic, Net, relu, squares, tanh } from "./nets.ts";
import { gaussian, logUniform, type Random, random } from "./quadratics.ts";

const ROWS = 128;

interface Problem {
  readonly net: Net;
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  /** Names of parameters that are not trained. */
  readonly frozen?: RegExp;
}

const columns = (data: Float64Array) => data.length / ROWS;
const bySd = (count: number, next: Random, sd = 1) => Float64Array.from({ length: count }, () => sd * gaussian(next));
const he = (n: number) => Math.sqrt(2 / n);

/** Outputs of a random net, by rows. */
function teach(inputs: Float64Array, outputs: number, hidden: number, next: Random): Float64Array {
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

const largest = (rows: Float64Array, n: number) =>
  Float64Array.from({ length: ROWS }, (_, r) => {
    const row = rows.subarray(r * n, r * n + n);
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });

/** Some classes are wrong in most data. */
function mislabelled(targets: Float64Array, count: number, next: Random): Float64Array {
  const share = next() < 0.3 ? 0 : 0.1;
  return targets.map((target) => (next() < share ? Math.floor(next() * count) : target));
}

/** Classes of a teacher's. */
const classes = (inputs: Float64Array, count: number, next: Random): Float64Array =>
  mislabelled(largest(teach(inputs, count, 8, next), count), count, next);

/** Standardised features, features of other scales, or none below 0, as of pixels. */
function features(n: number, next: Random): Float64Array {
  const inputs = bySd(ROWS * n, next);
  const kind = Math.floor(3 * next());
  if (kind === 0) return inputs;
  if (kind === 1) return inputs.map(Math.abs);
  const scales = Array.from({ length: n }, () => logUniform(next, 0.2, 5));
  return inputs.map((x, i) => x * scales[i % n]);
}

const problems: Readonly<Record<string, (next: Random) => Problem>> = {
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

const optimizers: Readonly<Record<string, { readonly make: keyof typeof makers; readonly options?: object }>> = {
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

/** A model, its data and how it is trained, all but the learning rate. */
export interface Task {
  readonly name: string;
  readonly steps: number;
  start(lr: number): {
    readonly optimizer: Optimizer;
    readonly loss: (step: number) => number;
    readonly whole: () => number;
  };
}

const pick = <T>(list: readonly T[], next: Random): T => list[Math.floor(next() * list.length)];

/** One of many tasks, by number. */
export function task(seed: number): Task {
  const next = random(seed);
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 4; i++) next();
  const [problem, kind] = [pick(Object.keys(problems), next), pick(Object.keys(optimizers), next)];
  const steps = Math.floor(logUniform(next, 80, 320));
  const batch = pick([4, 16, 48, ROWS], next);
  const apart = next() < 0.6;
  const { net, inputs, targets, frozen } = problems[problem](next);
  const { make, options } = optimizers[kind];
  const groups = [
    ...(frozen ? [{ match: frozen, trainable: false }] : []),
    ...(apart ? [{ match: frozen ? /^z\.b/ : /\.(b|bias|gain)$/, weightDecay: 0 }] : []),
  ];
  const width = columns(inputs);
  return {
    name: `${problem} by ${kind}, ${steps} steps of ${batch}${apart ? ", biases apart" : ""} (${seed})`,
    steps,
    start(lr) {
      const optimizer: Optimizer = makers[make](net.weights, { lr, ...options, groups });
      const evaluate = net.bind(optimizer.params as never, optimizer.grads as never);
      const order = random(seed + 1e6);
      return {
        optimizer,
        whole: () => evaluate(inputs, targets),
        loss: () => {
          if (batch === ROWS) return evaluate(inputs, targets);
          const rows = Array.from({ length: batch }, () => Math.floor(order() * ROWS));
          const x = Float64Array.from(
            { length: batch * width },
            (_, i) => inputs[rows[Math.floor(i / width)] * width + (i % width)],
          );
          return evaluate(
            x,
            Float64Array.from(rows, (r) => targets[r]),
          );
        },
      };
    },
  };
}

/** What a run came to: the loss over all rows before it, and after it as a mean over its last tenth. */
export interface Outcome {
  readonly began: number;
  readonly ended: number;
}

/** Runs a task; `watch` is told of its optimizer and returns what is called after every step with that step's loss. */
export function train(
  { start, steps }: Task,
  lr: number,
  watch?: (optimizer: Optimizer) => (loss: number) => void,
): Outcome {
  const { optimizer, loss, whole } = start(lr);
  const began = whole();
  const tell = watch?.(optimizer);
  let ended = 0;
  for (let k = 1; k <= steps; k++) {
    const value = loss(k);
    optimizer.step();
    tell?.(value);
    if (k === steps || k === Math.floor(0.95 * steps) || k === Math.floor(0.9 * steps)) ended += whole() / 3;
  }
  optimizer.dispose();
  return { began, ended };
}

/** A task whose best rate is known: that of rates a factor of 2 apart with which it ended lowest. */
export interface Known {
  readonly task: Task;
  readonly best: number;
  readonly lowest: number;
}

/** The first of many tasks that have a best rate: where the loss all but vanishes the largest rates are as good as any. */
export function known(count: number): Known[] {
  const found: Known[] = [];
  for (let seed = 0; found.length < count; seed++) {
    const one = task(seed);
    const tried = Array.from({ length: 28 }, (_, i) => 2 ** (i - 20)).map((lr) => ({ lr, ...train(one, lr) }));
    const { lr, began, ended } = tried.reduce((a, b) => (b.ended < a.ended ? b : a));
    if (ended > 1e-4 * began) found.push({ task: one, best: lr, lowest: ended });
  }
  return found;
}
