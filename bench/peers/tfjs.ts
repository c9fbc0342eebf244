/** TensorFlow.js's own optimizers, and ours on the same variables. */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { tfOptimizer } from "../../src/adapters/tfjs/index.ts";
import { adagrad, adam, adamax, rmsprop, type Shape, sgd } from "../../src/index.ts";
import { options } from "./hand-written/index.ts";

export interface TfjsCase {
  readonly name: string;
  readonly ours: () => tf.Optimizer;
  readonly theirs: () => tf.Optimizer;
}

const { lr } = options;

export const tfjsCases: readonly TfjsCase[] = [
  { name: "sgd", ours: () => tfOptimizer(tf, sgd, { lr }), theirs: () => tf.train.sgd(lr) },
  {
    name: "sgd momentum",
    ours: () => tfOptimizer(tf, sgd, { lr, momentum: 0.9 }),
    theirs: () => tf.train.momentum(lr, 0.9),
  },
  { name: "adagrad", ours: () => tfOptimizer(tf, adagrad, { lr }), theirs: () => tf.train.adagrad(lr) },
  { name: "rmsprop", ours: () => tfOptimizer(tf, rmsprop, { lr }), theirs: () => tf.train.rmsprop(lr) },
  { name: "adam", ours: () => tfOptimizer(tf, adam, { lr }), theirs: () => tf.train.adam(lr) },
  { name: "adamax", ours: () => tfOptimizer(tf, adamax, { lr }), theirs: () => tf.train.adamax(lr) },
];

export type TfjsBackend = "wasm" | "cpu";

export async function useBackend(backend: TfjsBackend): Promise<void> {
  // In Node the cpu backend advertises the native one on its first write; the wasm backend has to know that it is in Node.
  tf.env().set("IS_NODE", backend === "wasm");
  if (!(await tf.setBackend(backend))) throw new Error(`bench: TensorFlow.js's ${backend} backend does not run here`);
}

/** Variables of these shapes, and a step of the optimizer on them with the same gradients again and again. */
export function stepper(optimizer: tf.Optimizer, shapes: readonly Shape[]): () => void {
  const random = (shape: Shape, seed: number) => tf.randomUniform([...shape], -1, 1, "float32", seed);
  const gradients = shapes.map((shape, i) => {
    const initial = random(shape, i);
    const { name } = tf.variable(initial);
    initial.dispose();
    return { name, tensor: random(shape, 1000 + i) };
  });
  return () => optimizer.applyGradients(gradients);
}
