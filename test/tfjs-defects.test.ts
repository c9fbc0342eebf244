/** What TensorFlow.js 4.22's own optimizers get wrong, each beside what is right. */
import type { Optimizer } from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, test } from "vitest";
import { tfOptimizer } from "../src/adapters/tfjs/index.ts";
import { adadelta, adam, adamax, rmsprop, sgd } from "../src/index.ts";
import { on, step, tf, valuesOf, variable } from "./tf.ts";

describe.each(["wasm", "cpu"] as const)("on %s", (way) => {
  beforeEach(async () => {
    await on(way);
  });

  test("state belongs to a variable, not to a place in the list (tfjs#4290)", () => {
    const run = (optimizer: Optimizer) => {
      const [a, b] = [variable([1, 1]), variable([1, 1, 1])];
      step(optimizer, [a, [1, 1]]);
      step(optimizer, [b, [1, 1, 1]]);
      return valuesOf(b);
    };
    expect(() => run(tf.train.adam(0.5))).toThrow(/broadcast/);
    expect(run(tfOptimizer(tf, adam, { lr: 0.5 }))).toEqual([0.5, 0.5, 0.5]);
  });

  test("a variable's first step is its first, however many others have made", () => {
    const run = (optimizer: Optimizer) => {
      const [c, d] = [variable([0]), variable([0])];
      for (let i = 0; i < 5; i++) step(optimizer, [c, [1]]);
      step(optimizer, [d, [-1]]);
      return valuesOf(d)[0];
    };
    expect(run(tf.train.adam(0.1))).toBeLessThan(-0.05);
    expect(run(tfOptimizer(tf, adam, { lr: 0.1 }))).toBeCloseTo(0.1, 7);
  });

  test("centered rmsprop of a small gradient is a number", () => {
    const run = (optimizer: Optimizer) => {
      const v = variable([1]);
      step(optimizer, [v, [1e-4]]);
      return valuesOf(v)[0];
    };
    expect(run(tf.train.rmsprop(0.01, 0.9, 0, 1e-7, true))).toBeNaN();
    // The variance is 0.1 g² − (0.1 g)² = (0.3 g)², so the step is 0.01 g / (0.3 g + eps).
    const ours = run(tfOptimizer(tf, rmsprop, { lr: 0.01, alpha: 0.9, eps: 1e-7, centered: true }));
    expect(ours).toBeCloseTo(1 - (0.01 * 1e-4) / (0.3 * 1e-4 + 1e-7), 6);
  });

  test("adadelta's first step divides by a mean square that has its gradient in it", () => {
    const run = (optimizer: Optimizer) => {
      const v = variable([1]);
      step(optimizer, [v, [4]]);
      return valuesOf(v)[0];
    };
    // √eps / √eps · g
    expect(run(tf.train.adadelta(1, 0.9, 1e-7))).toBe(-3);
    const ours = run(tfOptimizer(tf, adadelta, { lr: 1, rho: 0.9, eps: 1e-7 }));
    expect(ours).toBeCloseTo(1 - (4 * Math.sqrt(1e-7)) / Math.sqrt(0.1 * 16 + 1e-7), 6);
  });

  test("momentum can be changed", () => {
    const theirs = tf.train.momentum(1, 0.9);
    theirs.setMomentum(0);
    let momentum = 0.9;
    const ours = tfOptimizer(tf, sgd, { lr: 1, momentum: () => momentum });
    momentum = 0;
    const run = (optimizer: Optimizer) => {
      const v = variable([0]);
      for (let i = 0; i < 2; i++) step(optimizer, [v, [1]]);
      return valuesOf(v)[0];
    };
    expect(run(theirs)).toBeCloseTo(-2.9, 6);
    expect(run(ours)).toBe(-2);
  });

  test("dispose frees everything (tfjs#4647)", () => {
    const left = (make: () => Optimizer) => {
      const v = variable([1]);
      const before = tf.memory().numTensors;
      const optimizer = make();
      step(optimizer, [v, [1]]);
      optimizer.dispose();
      return tf.memory().numTensors - before;
    };
    expect(left(() => tf.train.momentum(1, 0.9))).toBe(1);
    expect(left(() => tfOptimizer(tf, sgd, { momentum: 0.9 }))).toBe(0);
  });

  test("adamax can be saved", async () => {
    await expect(tf.train.adamax(0.1).getWeights()).rejects.toThrow(/not implemented/);
    const v = variable([1]);
    const optimizer = tfOptimizer(tf, adamax);
    step(optimizer, [v, [2]]);
    const weights = await optimizer.getWeights();
    expect(weights.map(({ name }) => name)).toEqual([
      "iter",
      "skipped",
      ...["step", "exp_avg", "exp_inf"].map((key) => `${v.name}/${key}`),
    ]);
  });

  test("the bias correction is as exact after 2000 steps as after one", () => {
    // After 2000 steps without a gradient, the next is lr · m / √v with nothing in either but the corrections.
    const off = (optimizer: Optimizer) => {
      const v = variable([0]);
      for (let i = 0; i < 2000; i++) step(optimizer, [v, [0]]);
      step(optimizer, [v, [1]]);
      const exact = -(0.1 / (1 - 0.9 ** 2001)) / Math.sqrt(0.001 / (1 - 0.999 ** 2001));
      return Math.abs(valuesOf(v)[0] / exact - 1);
    };
    // Measured: theirs 2.1e-6, as β₂ᵗ is multiplied up in float32; ours 1.3e-7, two roundings.
    expect(off(tf.train.adam(1, 0.9, 0.999, 1e-30))).toBeGreaterThan(1e-6);
    expect(off(tfOptimizer(tf, adam, { lr: 1, eps: 1e-30 }))).toBeLessThan(2e-7);
  });
});
