import { number, readValues, seed } from "../flags.ts";

export const HELP = `One model of tf.layers, on MNIST and TensorFlow.js's wasm backend, trained with tf.train.adam and with this
library's optimizers: what each reached, what it took and how many tensors it left.

npx tsx examples/tfjs-mnist [flags]

  --steps <integer>     of 32 images, default 1875: all 60,000 once
  --seed <integer>      of the first weights and the order of the images, default 1
  --help                this text`;

export interface Flags {
  readonly help: boolean;
  readonly steps: number;
  readonly seed: number;
}

/** @throws FlagError */
export function readFlags(args: string[]): Flags {
  const values = readValues(args, {
    steps: { type: "string" },
    seed: { type: "string" },
    help: { type: "boolean" },
  });
  return {
    help: values.help !== undefined,
    steps: number("steps", values.steps, "a whole number ≥ 1", (x) => Number.isSafeInteger(x) && x >= 1) ?? 1875,
    seed: seed(values.seed),
  };
}
