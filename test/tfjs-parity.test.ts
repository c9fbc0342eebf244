import type { Optimizer } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { tfOptimizer } from "../src/adapters/tfjs/index.ts";
import * as tfjs from "../src/presets/tfjs/index.ts";
import { filler, options } from "./arbitraries.ts";
import { differences } from "./rig.ts";
import { all, named, on, step, type Tf, tf, valuesOf, variable, ways } from "./tf.ts";

const shapes = [[3, 5], [7], [2, 3, 4]];
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const numbers = (size: number, seed: number): Float32Array => {
  const values = new Float32Array(size);
  filler({ seed, oneIn: 0 })(values);
  return values;
};

describe.each(ways)("the same bits as without TensorFlow.js, on %s", (way) => {
  let here: Tf;
  beforeEach(async () => {
    here = await on(way);
  });

  test.each(all)("$name", ({ maker }) => {
    const property = fc.property(
      options(maker.spec),
      fc.constantFrom(Number.POSITIVE_INFINITY, 10),
      fc.integer(),
      (given, clipNorm, seed) => {
        const variables = shapes.map((shape, i) =>
          variable([...numbers(sizeOf(shape), seed + i)], named("v"), [...shape]),
        );
        const names = variables.map(({ name }) => name);
        // A group for each, as here, so that norms are added up in the same order.
        const groups = names.map((match) => ({ match }));
        const settings = { ...given, clipNorm, groups };
        const core = maker(Object.fromEntries(names.map((name, i) => [name, shapes[i]])), {
          ...settings,
          backend: "plain",
          dtype: "f32",
        });
        for (const v of variables) core.params[v.name].set(valuesOf(v));
        const optimizer = tfOptimizer(here, maker, settings);
        for (let t = 0; t < 6; t++) {
          for (const { name, size } of variables) core.grads[name].set(numbers(size, seed + 7 * t + size));
          step(optimizer, ...variables.map((v) => [v, [...core.grads[v.name]]] as const));
          core.step();
        }
        const found = variables.map((v) => differences(Float32Array.from(valuesOf(v)), core.params[v.name]));
        optimizer.dispose();
        tf.dispose(variables);
        expect([...found, optimizer.iterations, optimizer.skipped]).toEqual([0, 0, 0, core.stepCount, core.skipped]);
      },
    );
    fc.assert(property, { numRuns: 12 });
  });
});

interface Twins {
  readonly name: string;
  readonly ours: (here: Tf) => Optimizer;
  readonly theirs: () => Optimizer;
  /** Of the gradients, so small that adagrad's eps counts. */
  readonly scale?: number;
  /** Measured: 0, 6e-8 for what divides, 7.1e-8 if the lr does too, 3.1e-6 for adam, whose β₂ᵗ TensorFlow.js keeps in float32. */
  readonly tolerance: number;
}

/** One rounding of float32. */
const ROUNDING = 6e-8;

/** Where eps is added makes a difference with one that is as large as this. */
const eps = 0.01;

const twins: readonly Twins[] = [
  {
    name: "sgd",
    ours: (here) => tfOptimizer(here, tfjs.sgd, { lr: 0.1 }),
    theirs: () => tf.train.sgd(0.1),
    tolerance: 0,
  },
  {
    name: "momentum",
    ours: (here) => tfOptimizer(here, tfjs.sgd, { lr: 0.1, momentum: 0.9 }),
    theirs: () => tf.train.momentum(0.1, 0.9),
    tolerance: 0,
  },
  {
    name: "nesterov",
    ours: (here) => tfOptimizer(here, tfjs.sgd, { lr: 0.1, momentum: 0.9, nesterov: true }),
    theirs: () => tf.train.momentum(0.1, 0.9, true),
    tolerance: 0,
  },
  {
    name: "adagrad",
    ours: (here) => tfOptimizer(here, tfjs.adagrad, { lr: 0.1, initialAccumulatorValue: 1e-8 }),
    theirs: () => tf.train.adagrad(0.1, 1e-8),
    scale: 1e-4,
    tolerance: ROUNDING,
  },
  {
    name: "rmsprop",
    ours: (here) => tfOptimizer(here, tfjs.rmsprop, { lr: 0.01, alpha: 0.9, eps }),
    theirs: () => tf.train.rmsprop(0.01, 0.9, 0, eps),
    tolerance: ROUNDING,
  },
  {
    name: "rmsprop with momentum",
    ours: (here) => tfOptimizer(here, tfjs.rmsprop, { lr: 0.01, alpha: 0.9, momentum: 0.5, eps }),
    theirs: () => tf.train.rmsprop(0.01, 0.9, 0.5, eps),
    tolerance: ROUNDING,
  },
  {
    name: "adam",
    ours: (here) => tfOptimizer(here, tfjs.adam, { lr: 0.01, eps }),
    theirs: () => tf.train.adam(0.01, 0.9, 0.999, eps),
    tolerance: 4e-6,
  },
  {
    name: "adamax",
    ours: (here) => tfOptimizer(here, tfjs.adamax, { lr: 0.01, eps }),
    theirs: () => tf.train.adamax(0.01, 0.9, 0.999, eps),
    tolerance: ROUNDING,
  },
  {
    name: "adamax with decay",
    ours: (here) => tfOptimizer(here, tfjs.adamax, { lr: 0.01, eps, lrDecay: 0.1 }),
    theirs: () => tf.train.adamax(0.01, 0.9, 0.999, eps, 0.1),
    tolerance: 8e-8,
  },
];

describe.each(["wasm", "cpu"] as const)("64 steps of tf.train on %s", (way) => {
  test.each(twins)("$name", async ({ ours, theirs, scale = 1, tolerance }) => {
    const here = await on(way);
    const start = [...numbers(20, 1)];
    const [v, w] = [variable(start), variable(start)];
    const [a, b] = [ours(here), theirs()];
    let largest = 0;
    for (let t = 0; t < 64; t++) {
      const gradient = [...numbers(20, 100 + t)].map((x) => x * scale);
      step(a, [v, gradient]);
      step(b, [w, gradient]);
      const reference = valuesOf(w);
      valuesOf(v).forEach((x, i) => {
        largest = Math.max(largest, Math.abs(x - reference[i]) / Math.max(1, Math.abs(reference[i])));
      });
    }
    expect(largest).toBeLessThanOrEqual(tolerance);
  });
});
