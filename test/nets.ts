/** Small models with gradients by hand, for runs that are no quadratics. */
import { gaussian, type Random } from "./quadratics.ts";

type View = Float32Array | Float64Array;
type Views = Readonly<Record<string, View>>;

/** One layer on a batch of rows that lie one after the other; `backward` follows its `forward` and adds to the gradients. */
interface Bound {
  forward(x: Float64Array): Float64Array;
  backward(slope: Float64Array): Float64Array;
}

export interface Layer {
  readonly weights: Readonly<Record<string, Float32Array>>;
  bind(params: Views, grads: Views): Bound;
}

/** x W + b; weights of deviation `scale` and biases that begin at 0. */
export function dense(name: string, [n, m]: readonly [number, number], scale: number, next: Random): Layer {
  const [w, b] = [`${name}.w`, `${name}.b`];
  return {
    weights: { [w]: Float32Array.from({ length: n * m }, () => scale * gaussian(next)), [b]: new Float32Array(m) },
    bind: (params, grads) => {
      const [weights, biases, byWeights, byBiases] = [params[w], params[b], grads[w], grads[b]];
      let input: Float64Array = new Float64Array();
      return {
        forward(x) {
          input = x;
          const y = new Float64Array((x.length / n) * m);
          for (let r = 0; r * m < y.length; r++) {
            for (let j = 0; j < m; j++) y[r * m + j] = biases[j];
            for (let i = 0; i < n; i++) {
              const value = x[r * n + i];
              for (let j = 0; j < m; j++) y[r * m + j] += value * weights[i * m + j];
            }
          }
          return y;
        },
        backward(slope) {
          const back = new Float64Array(input.length);
          for (let r = 0; r * m < slope.length; r++) {
            for (let j = 0; j < m; j++) byBiases[j] += slope[r * m + j];
            for (let i = 0; i < n; i++) {
              const value = input[r * n + i];
              let sum = 0;
              for (let j = 0; j < m; j++) {
                byWeights[i * m + j] += value * slope[r * m + j];
                sum += weights[i * m + j] * slope[r * m + j];
              }
              back[r * n + i] = sum;
            }
          }
          return back;
        },
      };
    },
  };
}

/** A function of every element, and its derivative by its value. */
function elementwise(value: (x: number) => number, derivative: (y: number) => number): Layer {
  return {
    weights: {},
    bind: () => {
      let output = new Float64Array();
      return {
        forward(x) {
          output = x.map(value);
          return output;
        },
        backward: (slope) => slope.map((d, i) => d * derivative(output[i])),
      };
    },
  };
}

export const relu = elementwise(
  (x) => Math.max(x, 0),
  (y) => (y > 0 ? 1 : 0),
);
export const tanh = elementwise(Math.tanh, (y) => 1 - y * y);
export const softplus = elementwise(
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  (y) => -Math.expm1(-y),
);

/** Rows brought to mean 0 and variance 1, times a gain that begins at 1, plus a bias that begins at 0. */
export function layerNorm(name: string, n: number): Layer {
  const [gain, bias] = [`${name}.gain`, `${name}.bias`];
  return {
    weights: { [gain]: new Float32Array(n).fill(1), [bias]: new Float32Array(n) },
    bind: (params, grads) => {
      const [gains, biases, byGain, byBias] = [params[gain], params[bias], grads[gain], grads[bias]];
      let normed = new Float64Array();
      let deviations: number[] = [];
      return {
        forward(x) {
          normed = new Float64Array(x.length);
          deviations = [];
          const y = new Float64Array(x.length);
          for (let r = 0; r < x.length; r += n) {
            let mean = 0;
            let variance = 0;
            for (let i = 0; i < n; i++) mean += x[r + i] / n;
            for (let i = 0; i < n; i++) variance += (x[r + i] - mean) ** 2 / n;
            const deviation = Math.sqrt(variance + 1e-5);
            deviations.push(deviation);
            for (let i = 0; i < n; i++) {
              normed[r + i] = (x[r + i] - mean) / deviation;
              y[r + i] = normed[r + i] * gains[i] + biases[i];
            }
          }
          return y;
        },
        backward(slope) {
          const back = new Float64Array(slope.length);
          deviations.forEach((deviation, k) => {
            let mean = 0;
            let along = 0;
            for (let i = 0; i < n; i++) {
              const [d, unit] = [slope[k * n + i], normed[k * n + i]];
              byGain[i] += d * unit;
              byBias[i] += d;
              mean += (d * gains[i]) / n;
              along += (d * gains[i] * unit) / n;
            }
            for (let i = 0; i < n; i++)
              back[k * n + i] = (slope[k * n + i] * gains[i] - mean - along * normed[k * n + i]) / deviation;
          });
          return back;
        },
      };
    },
  };
}

/** The mean of the rows of a table that a row of `words` numbers names: most rows have no gradient. */
export function embedding(
  name: string,
  [count, size, words]: readonly [number, number, number],
  scale: number,
  next: Random,
): Layer {
  return {
    weights: { [name]: Float32Array.from({ length: count * size }, () => scale * gaussian(next)) },
    bind: (params, grads) => {
      let input: Float64Array = new Float64Array();
      const each = (visit: (place: number, element: number) => void) => {
        for (let k = 0; k < input.length; k++)
          for (let j = 0; j < size; j++) visit(Math.floor(k / words) * size + j, input[k] * size + j);
      };
      return {
        forward(x) {
          input = x;
          const y = new Float64Array((x.length / words) * size);
          each((place, element) => {
            y[place] += params[name][element] / words;
          });
          return y;
        },
        backward(slope) {
          each((place, element) => {
            grads[name][element] += slope[place] / words;
          });
          return new Float64Array();
        },
      };
    },
  };
}

/** The mean loss of a batch, and its slope at the outputs. */
export type Loss = (outputs: Float64Array, targets: Float64Array) => { loss: number; slope: Float64Array };

/** Half the squared error. */
export const squares: Loss = (outputs, targets) => {
  const slope = outputs.map((y, i) => (y - targets[i]) / outputs.length);
  return { loss: slope.reduce((sum, d) => sum + (d * d * outputs.length) / 2, 0), slope };
};

/** Of one output against 0 or 1. */
export const logistic: Loss = (outputs, targets) => {
  let loss = 0;
  const slope = outputs.map((y, i) => {
    loss += Math.max(y, 0) - y * targets[i] + Math.log1p(Math.exp(-Math.abs(y)));
    return (1 / (1 + Math.exp(-y)) - targets[i]) / outputs.length;
  });
  return { loss: loss / outputs.length, slope };
};

/** Of a count against the logarithm of its mean. */
export const poisson: Loss = (outputs, targets) => {
  const slope = outputs.map((y, i) => (Math.exp(y) - targets[i]) / outputs.length);
  return { loss: outputs.reduce((sum, y, i) => sum + Math.exp(y) - targets[i] * y, 0) / outputs.length, slope };
};

/** Of one output against -1 or 1. */
export const hinge: Loss = (outputs, targets) => {
  const short = outputs.map((y, i) => Math.max(1 - y * targets[i], 0));
  const slope = short.map((s, i) => (s > 0 ? -targets[i] / outputs.length : 0));
  return { loss: short.reduce((sum, s) => sum + s, 0) / outputs.length, slope };
};

/** Of softmax against the number of a class. */
export const crossEntropy: Loss = (outputs, targets) => {
  const classes = outputs.length / targets.length;
  const slope = outputs.slice();
  let loss = 0;
  targets.forEach((target, k) => {
    const row = slope.subarray(k * classes, (k + 1) * classes);
    const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = row.reduce((sum, y) => sum + Math.exp(y - most), 0);
    loss += most + Math.log(total) - row[target];
    for (let j = 0; j < classes; j++)
      row[j] = (Math.exp(row[j] - most) / total - (j === target ? 1 : 0)) / targets.length;
  });
  return { loss: loss / targets.length, slope };
};

/** Layers in a row and a loss. */
export class Net {
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly #layers: readonly Layer[];
  readonly #loss: Loss;

  constructor(layers: readonly Layer[], loss: Loss) {
    this.weights = Object.assign({}, ...layers.map(({ weights }) => weights));
    this.#layers = layers;
    this.#loss = loss;
  }

  /** A function that writes a batch's gradients and gives its loss. */
  bind(params: Views, grads: Views): (inputs: Float64Array, targets: Float64Array) => number {
    const layers = this.#layers.map((layer) => layer.bind(params, grads));
    return (inputs, targets) => {
      for (const grad of Object.values(grads)) grad.fill(0);
      const { loss, slope } = this.#loss(
        layers.reduce((x, layer) => layer.forward(x), inputs),
        targets,
      );
      layers.reduceRight((d, layer) => layer.backward(d), slope);
      return loss;
    };
  }
}
