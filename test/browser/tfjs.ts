import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import * as layers from "@tensorflow/tfjs-layers";
import { mulberry32 } from "../../examples/mnist/random.ts";
import { tfOptimizer } from "../../src/adapters/tfjs/index.ts";
import { adamw } from "../../src/index.ts";
import { bits } from "./bits.ts";

const BATCHES = 20;

/**
 * Trains a model on TensorFlow.js's wasm backend, from weights and on data that are the same everywhere. Nothing in it is an exp, a log or
 * a tanh, in which engines may differ.
 */
export async function train() {
  await tf.setBackend("wasm");
  const random = mulberry32(1);
  const tensor = (shape: number[]) =>
    tf.tensor(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random() - 0.5),
      shape,
    );
  const model = layers.sequential({
    layers: [
      layers.layers.dense({ units: 24, inputShape: [12], activation: "relu" }),
      layers.layers.dense({ units: 3 }),
    ],
  });
  model.setWeights(model.getWeights().map(({ shape }) => tensor(shape)));
  const optimizer = tfOptimizer(tf, adamw, { lr: 0.01, clipNorm: 1, groups: [{ match: /bias/, weightDecay: 0 }] });
  model.compile({ optimizer, loss: "meanSquaredError" });
  const [x, y] = [tensor([64, 12]), tensor([64, 3])];
  const tensors: number[] = [];
  const losses: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    losses.push(Number(await model.trainOnBatch(x, y)));
    tensors.push(tf.memory().numTensors);
  }
  return {
    isolated: globalThis.crossOriginIsolated === true,
    inPlace: optimizer.inPlace,
    iterations: optimizer.iterations,
    losses,
    tensors,
    weights: model.getWeights().map((weight) => bits(weight.dataSync() as Float32Array)),
  };
}

export type Training = Awaited<ReturnType<typeof train>>;
