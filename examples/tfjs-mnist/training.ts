import type { Optimizer, Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { Batches } from "../mnist/batches.ts";
import { CLASSES, type Examples, type Mnist, PIXELS } from "../mnist/data.ts";
import { BATCH, HIDDEN } from "../mnist/network.ts";
import { mulberry32 } from "../mnist/random.ts";
import { dense } from "../mnist/sparse.ts";
import { tf } from "./tf.ts";

export interface Outcome {
  /** The share of the test images that the model gets right. */
  readonly accuracy: number;
  /** Milliseconds in all of the training. */
  readonly time: number;
  /** Milliseconds in all steps of the optimizer. */
  readonly stepTime: number;
  /** What `tf.memory().numTensors` says of this training: before the optimizer was made, and now. */
  readonly tensors: { readonly before: number; readonly after: number };
}

/** A model and its optimizer, which can take turns with others: each counts only its own time and tensors. */
export class Training {
  readonly #data: Mnist;
  readonly #model: LayersModel;
  readonly #optimizer: Optimizer;
  readonly #batches: Batches;
  readonly #before: number;
  #after: number;
  #time = 0;
  #stepTime = 0;

  /** @param seed trainings of one seed begin with the same weights and see the same batches */
  constructor(make: () => Optimizer, data: Mnist, seed: number) {
    const { numTensors } = tf.memory();
    this.#data = data;
    this.#model = network(seed);
    this.#batches = new Batches(data.train.labels.length, BATCH, mulberry32(seed));
    this.#before = tf.memory().numTensors - numTensors;
    this.#optimizer = make();
    this.#watch();
    this.#model.compile({ optimizer: this.#optimizer, loss: "sparseCategoricalCrossentropy" });
    this.#after = tf.memory().numTensors - numTensors;
  }

  /** Trains on one batch and gives its loss. */
  async step(): Promise<number> {
    const { numTensors } = tf.memory();
    const start = performance.now();
    const { x, y } = tensorsOf(this.#data.train, this.#batches.next());
    const loss = Number(await this.#model.trainOnBatch(x, y));
    tf.dispose([x, y]);
    this.#time += performance.now() - start;
    this.#after += tf.memory().numTensors - numTensors;
    return loss;
  }

  outcome(): Outcome {
    return {
      accuracy: accuracyOf(this.#model, this.#data.test),
      time: this.#time,
      stepTime: this.#stepTime,
      tensors: { before: this.#before, after: this.#after },
    };
  }

  dispose(): void {
    this.#model.dispose();
    this.#optimizer.dispose();
  }

  /** Takes the time of the optimizer's steps. On the wasm backend all is done when a call returns. */
  #watch(): void {
    const apply = this.#optimizer.applyGradients.bind(this.#optimizer);
    this.#optimizer.applyGradients = (gradients) => {
      const start = performance.now();
      apply(gradients);
      this.#stepTime += performance.now() - start;
    };
  }
}

/** The network of `npm start`: pixels → hidden layer, ReLU → classes, softmax. */
function network(seed: number): LayersModel {
  const { dense } = tf.layers;
  const he = (seed: number) => tf.initializers.heUniform({ seed });
  return tf.sequential({
    layers: [
      dense({ inputShape: [PIXELS], units: HIDDEN, activation: "relu", kernelInitializer: he(seed) }),
      dense({ units: CLASSES, activation: "softmax", kernelInitializer: he(seed + 1) }),
    ],
  });
}

function tensorsOf({ images, labels }: Examples, indices: Uint32Array): { x: Tensor; y: Tensor } {
  const { length } = indices;
  return {
    x: tf.tensor2d(dense(images, indices, PIXELS), [length, PIXELS]),
    y: tf.tensor2d(
      Float32Array.from(indices, (i) => labels[i]),
      [length, 1],
    ),
  };
}

function accuracyOf(model: LayersModel, examples: Examples): number {
  const right = tf.tidy(() => {
    const { x, y } = tensorsOf(examples, Uint32Array.from(examples.labels.keys()));
    const guesses = tf.argMax(model.predictOnBatch(x) as Tensor, 1);
    return tf.mean(tf.equal(guesses, tf.cast(tf.squeeze(y), "int32")));
  });
  const [share] = right.dataSync();
  right.dispose();
  return share;
}
