import type { Optimizer } from "@tensorflow/tfjs-core";
import { tfOptimizer } from "../../src/adapters/tfjs/index.ts";
import { adamw, warmupCosine } from "../../src/index.ts";
import * as tfjs from "../../src/presets/tfjs/index.ts";
import { optimizers } from "../mnist/recipes.ts";
import { tf } from "./tf.ts";

export interface Recipe {
  readonly label: string;
  readonly make: () => Optimizer;
}

const { lr } = optimizers.adam;

/** TensorFlow.js's Adam, ours by the same definition, and what it has no counterpart to; each for a run of so many steps. */
export const recipes = (steps: number): readonly Recipe[] => [
  { label: "tf.train.adam", make: () => tf.train.adam(lr) },
  { label: "tfjs.adam", make: () => tfOptimizer(tf, tfjs.adam, { lr }) },
  {
    label: "adamw, warmupCosine",
    make: () =>
      tfOptimizer(tf, adamw, {
        lr: warmupCosine({ peak: 3 * lr, warmup: Math.ceil(steps / 20), steps }),
        groups: [{ match: /bias/, weightDecay: 0 }],
      }),
  },
];
