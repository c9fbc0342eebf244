/** Models and optimizers with which no threshold was chosen: what is said of rates must hold for others too. */
import {
  crossEntropy,
  dense,
  embedding,
  hinge,
  layerNorm,
  Net,
  poisson,
  relu,
  softplus,
  squares,
  tanh,
} from "./nets.ts";
import { bySd, classes, features, he, type Kinds, largest, mislabelled, ROWS, teach } from "./problems.ts";
import { gaussian, type Random } from "./quadratics.ts";

/** Words in rows of four, and the class that most of their meanings point to. */
function sentences(words: number, count: number, next: Random) {
  const meaning = bySd(words * count, next);
  const inputs = Float64Array.from({ length: ROWS * 4 }, () => Math.floor(words * next() ** 1.5));
  const sums = new Float64Array(ROWS * count);
  for (const [k, word] of inputs.entries())
    for (let j = 0; j < count; j++) sums[Math.floor(k / 4) * count + j] += meaning[word * count + j];
  return { inputs, targets: mislabelled(largest(sums, count), count, next) };
}

const problems: Kinds["problems"] = {
  counts(next) {
    const inputs = features(8, next);
    const targets = teach(inputs, 1, 3, next).map((y) =>
      Math.max(0, Math.round(Math.exp(Math.min(y, 2)) + gaussian(next))),
    );
    return { net: new Net([dense("w", [8, 1], 0, next)], poisson), inputs, targets };
  },
  margins(next) {
    const inputs = features(12, next);
    const targets = teach(inputs, 1, 4, next).map((y) => (y + 0.3 * gaussian(next) > 0 ? 1 : -1));
    return { net: new Net([dense("w", [12, 1], 0, next)], hinge), inputs, targets };
  },
  tokens(next) {
    return { net: new Net([embedding("e", [80, 5, 4], 0.01, next)], crossEntropy), ...sentences(80, 5, next) };
  },
  frozenWords(next) {
    const layers = [embedding("e", [60, 12, 4], 1, next), dense("z", [12, 4], 0, next)];
    return { net: new Net(layers, crossEntropy), ...sentences(60, 4, next), frozen: /^e/ };
  },
  normedTanh(next) {
    const inputs = features(6, next);
    const block = (name: string, n: number) => [dense(name, [n, 16], he(n), next), layerNorm(`${name}.norm`, 16), tanh];
    const layers = [...block("a", 6), ...block("b", 16), dense("z", [16, 2], he(16), next)];
    const targets = teach(inputs, 2, 5, next).map((y) => y + 0.1 * gaussian(next));
    return { net: new Net(layers, squares), inputs, targets };
  },
  bottleneck(next) {
    const codes = bySd(ROWS * 3, next);
    const inputs = teach(codes, 10, 6, next).map((x) => x + 0.1 * gaussian(next));
    const layers = [dense("a", [10, 3], he(10), next), softplus, dense("z", [3, 10], he(3), next)];
    return { net: new Net(layers, squares), inputs, targets: inputs };
  },
  wide(next) {
    const inputs = features(10, next);
    const layers = [dense("a", [10, 64], he(10), next), relu, dense("z", [64, 3], 0, next)];
    return { net: new Net(layers, crossEntropy), inputs, targets: classes(inputs, 3, next) };
  },
};

const optimizers: Kinds["optimizers"] = {
  adan: { make: "adan" },
  adabelief: { make: "adabelief" },
  adamax: { make: "adamax" },
  radam: { make: "radam" },
  yogi: { make: "yogi" },
  nadam: { make: "nadam", options: { weightDecay: 0.01 } },
  novograd: { make: "novograd" },
  lars: { make: "lars", options: { momentum: 0.9 } },
  scheduleFree: { make: "scheduleFreeAdamw" },
  ademamix: { make: "ademamix" },
  adopt: { make: "adopt" },
  heavy: { make: "sgd", options: { momentum: 0.95, weightDecay: 1e-3 } },
};

export const heldOut: Kinds = { problems, optimizers };
