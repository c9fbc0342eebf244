import { CLASSES, type Examples, PIXELS } from "./data.ts";
import { softmax } from "./softmax.ts";
import { gather, product, sparse, transpose } from "./sparse.ts";

export const HIDDEN = 64;
export const BATCH = 32;

/** The parameters' shapes, as an optimizer takes them. */
export const shapes = {
  "hidden.weight": [PIXELS, HIDDEN],
  "hidden.bias": [HIDDEN],
  "output.weight": [HIDDEN, CLASSES],
  "output.bias": [CLASSES],
} as const;

export type Arrays = Readonly<Record<keyof typeof shapes, Float32Array>>;

/**
 * Pixels → hidden layer, ReLU → classes, softmax: a network that reads an optimizer's `params` and writes to its `grads`, in place.
 * It adds in a fixed order and calls nothing that engines compute differently: the results are the same bits everywhere.
 */
export class Network {
  readonly #params: Arrays;
  readonly #grads: Arrays;
  readonly #images = sparse(BATCH, BATCH * PIXELS);
  readonly #pixels = sparse(PIXELS, BATCH * PIXELS);
  /** The hidden layer's values, and on the way back their gradient. */
  readonly #hidden = new Float32Array(BATCH * HIDDEN);
  /** The classes' scores, then probabilities, and on the way back the scores' gradient: one row an image. */
  readonly #rows = Array.from({ length: BATCH }, () => new Float64Array(CLASSES));

  /** @param random gives the first weights, as numbers in [0, 1) */
  constructor(params: Arrays, grads: Arrays, random: () => number) {
    this.#params = params;
    this.#grads = grads;
    initialize(params["hidden.weight"], PIXELS, random);
    initialize(params["output.weight"], HIDDEN, random);
  }

  /** Writes the mean gradient over a batch, at most `BATCH` indices of examples, to `grads` and returns the mean loss. */
  backward({ images, labels }: Examples, batch: Uint32Array): number {
    this.#forward(images, batch);
    let loss = 0;
    for (let i = 0; i < batch.length; i++) {
      const row = this.#rows[i];
      loss += softmax(row, labels[batch[i]]);
      row[labels[batch[i]]] -= 1;
      for (let c = 0; c < CLASSES; c++) row[c] /= batch.length;
    }
    this.#backwardOutput(batch.length);
    this.#backwardHidden(batch.length);
    return loss / batch.length;
  }

  /** The share of the examples whose class gets the highest score. */
  accuracy({ images, labels }: Examples): number {
    const order = Uint32Array.from(labels.keys());
    let right = 0;
    for (let start = 0; start < order.length; start += BATCH) {
      const batch = order.subarray(start, start + BATCH);
      this.#forward(images, batch);
      for (let i = 0; i < batch.length; i++) {
        const row = this.#rows[i];
        if (row.indexOf(Math.max(...row)) === labels[batch[i]]) right++;
      }
    }
    return right / labels.length;
  }

  #forward(images: Examples["images"], batch: Uint32Array): void {
    const hidden = this.#hidden;
    const bias = this.#params["hidden.bias"];
    const weight = this.#params["output.weight"];
    gather(images, batch, this.#images);
    product(this.#images, batch.length, this.#params["hidden.weight"], HIDDEN, hidden);
    for (let i = 0; i < batch.length; i++) {
      const row = this.#rows[i];
      row.set(this.#params["output.bias"]);
      for (let j = 0; j < HIDDEN; j++) {
        const value = Math.max(0, hidden[i * HIDDEN + j] + bias[j]);
        hidden[i * HIDDEN + j] = value;
        for (let c = 0; c < CLASSES; c++) row[c] += value * weight[j * CLASSES + c];
      }
    }
  }

  #backwardOutput(count: number): void {
    const hidden = this.#hidden;
    const weight = this.#params["output.weight"];
    const grad = this.#grads["output.weight"].fill(0);
    const biasGrad = this.#grads["output.bias"].fill(0);
    for (let i = 0; i < count; i++) {
      const row = this.#rows[i];
      for (let c = 0; c < CLASSES; c++) biasGrad[c] += row[c];
      for (let j = 0; j < HIDDEN; j++) {
        const value = hidden[i * HIDDEN + j];
        let sum = 0;
        for (let c = 0; c < CLASSES; c++) {
          grad[j * CLASSES + c] += value * row[c];
          sum += weight[j * CLASSES + c] * row[c];
        }
        hidden[i * HIDDEN + j] = value > 0 ? sum : 0;
      }
    }
  }

  #backwardHidden(count: number): void {
    const hidden = this.#hidden;
    const biasGrad = this.#grads["hidden.bias"].fill(0);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < HIDDEN; j++) biasGrad[j] += hidden[i * HIDDEN + j];
    }
    transpose(this.#images, count, this.#pixels);
    product(this.#pixels, PIXELS, hidden, HIDDEN, this.#grads["hidden.weight"]);
  }
}

/** He's uniform initialisation, for layers before a ReLU. */
function initialize(weight: Float32Array, inputs: number, random: () => number): void {
  const bound = Math.sqrt(6 / inputs);
  for (let i = 0; i < weight.length; i++) weight[i] = (2 * random() - 1) * bound;
}
