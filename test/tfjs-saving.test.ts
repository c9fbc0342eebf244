import type { io, Tensor } from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, test } from "vitest";
import { registerOptimizer, tfOptimizer } from "../src/adapters/tfjs/index.ts";
import { adam, adamw, constant, cosineDecay, nadam, scheduleFreeSgd, sgd, stepDecay } from "../src/index.ts";
import { all, named, on, step, type Tf, tf, valuesOf, variable, ways } from "./tf.ts";

const data = () => ({
  x: tf.randomUniform([32, 3], 0, 1, "float32", 1),
  y: tf.randomUniform([32, 1], 0, 1, "float32", 2),
});

const model = () =>
  tf.sequential({
    layers: [tf.layers.dense({ units: 4, inputShape: [3], activation: "tanh" }), tf.layers.dense({ units: 1 })],
  });

const namesOf = (weights: readonly { name: string; tensor: Tensor }[]) => weights.map(({ name }) => name);

/** What a model's save handler would write, as JSON and bytes. */
async function artifacts(save: (handler: io.IOHandler) => Promise<unknown>): Promise<io.ModelArtifacts> {
  let kept: io.ModelArtifacts | undefined;
  await save(
    tf.io.withSaveHandler(async (saved) => {
      kept = saved;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  if (!kept) throw new Error("nothing was saved");
  const { weightData, ...json } = kept;
  return { ...JSON.parse(JSON.stringify(json)), weightData };
}

describe.each(ways)("saving on %s", (way) => {
  let here: Tf;
  beforeEach(async () => {
    here = await on(way);
  });

  const gradients = [
    [1, -2, 0.5],
    [0.25, 1, -3],
    [-1, 0.125, 2],
    [2, 0.5, -0.25],
  ];

  test.each(all)("$name goes on to the bit from what getWeights gave", async ({ maker }) => {
    const options = { groups: [{ match: /^odd/, lr: 0.05 }] };
    const run = async (stops: boolean) => {
      const [v, w] = [variable([1, 2, 3], named("v"), [3, 1]), variable([0.5, 1, 2], named("odd"))];
      let optimizer = tfOptimizer(here, maker, options);
      for (const [i, gradient] of gradients.entries()) {
        // The second comes later and so has made fewer steps.
        step(optimizer, [v, gradient], ...(i > 0 ? ([[w, gradient.map((x) => -x)]] as const) : []));
        if (!stops || i !== 1) continue;
        const weights = await optimizer.getWeights();
        optimizer = tfOptimizer(here, maker, options);
        await optimizer.setWeights(weights);
        // As loadLayersModel does.
        tf.dispose(weights.map(({ tensor }) => tensor));
      }
      return [...valuesOf(v), ...valuesOf(w), optimizer.iterations];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test("a model goes on to the bit from model.save with includeOptimizer", async () => {
    registerOptimizer(here, adamw);
    const { x, y } = data();
    const options = {
      lr: stepDecay({ init: 0.05, rate: 0.5, every: 2 }),
      clipNorm: 1,
      clipValue: Number.POSITIVE_INFINITY,
      groups: [{ match: /bias|batch_norm/i, weightDecay: 0 }],
    };
    const optimizer = tfOptimizer(here, adamw, options);
    const net = model();
    net.compile({ optimizer, loss: "meanSquaredError" });
    for (let i = 0; i < 3; i++) await net.trainOnBatch(x, y);
    const saved = await artifacts((handler) => net.save(handler, { includeOptimizer: true }));
    const again = await tf.loadLayersModel(tf.io.fromMemory(saved));
    for (let i = 0; i < 3; i++) {
      await net.trainOnBatch(x, y);
      await again.trainOnBatch(x, y);
    }
    expect(again.getWeights().map(valuesOf)).toEqual(net.getWeights().map(valuesOf));
    const loaded = again.optimizer as typeof optimizer;
    expect([loaded.iterations, loaded.lr]).toEqual([6, 0.0125]);
    expect(loaded.getConfig()).toEqual(optimizer.getConfig());
  });

  test("saving again and again adds no tensors, and the next step none either", async () => {
    const net = model();
    const optimizer = tfOptimizer(here, adam);
    net.compile({ optimizer, loss: "meanSquaredError" });
    const { x, y } = data();
    await net.trainOnBatch(x, y);
    await artifacts((handler) => net.save(handler, { includeOptimizer: true }));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) await artifacts((handler) => net.save(handler, { includeOptimizer: true }));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("what is saved", () => {
  beforeEach(async () => {
    await on("cpu");
  });

  test("iter first, then state by the variables' names, and carried numbers as bits", async () => {
    const v = variable([1, 2], named("dense/kernel"), [2, 1]);
    const optimizer = tfOptimizer(tf, nadam);
    step(optimizer, [v, [1, 2]]);
    const weights = await optimizer.getWeights();
    expect(namesOf(weights)).toEqual([
      "iter",
      "skipped",
      ...["step", "exp_avg", "exp_avg_sq", "mu_product"].map((key) => `${v.name}/${key}`),
    ]);
    const [iter, , , mean, , product] = weights.map(({ tensor }) => tensor);
    expect([iter.dtype, iter.shape, valuesOf(iter)]).toEqual(["int32", [], [1]]);
    expect(mean.shape).toEqual([2, 1]);
    expect([product.dtype, product.shape]).toEqual(["int32", [2]]);
  });

  test("a learning rate that was set, and the count of skipped steps", async () => {
    const optimizer = tfOptimizer(tf, sgd, { lr: 1 });
    registerOptimizer(tf, sgd);
    const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    net.compile({ optimizer, loss: "meanSquaredError" });
    await net.trainOnBatch(tf.tensor2d([[Number.NaN]]), tf.tensor2d([[1]]));
    optimizer.lr = constant({ value: 0.25 });
    const saved = await artifacts((handler) => net.save(handler, { includeOptimizer: true }));
    const { optimizer: loaded } = await tf.loadLayersModel(tf.io.fromMemory(saved));
    const { lr, skipped, iterations } = loaded as typeof optimizer;
    expect([lr, skipped, iterations]).toEqual([0.25, 1, 0]);
  });

  test("what was loaded and not used yet is saved again", async () => {
    const v = variable([1]);
    const optimizer = tfOptimizer(tf, adam);
    step(optimizer, [v, [1]]);
    const weights = await optimizer.getWeights();
    const other = tfOptimizer(tf, adam);
    await other.setWeights(weights);
    const again = await other.getWeights();
    expect(namesOf(again)).toEqual(namesOf(weights));
    expect(again.map(({ tensor }) => valuesOf(tensor))).toEqual(weights.map(({ tensor }) => valuesOf(tensor)));
  });

  test("a learning rate that was set goes with the weights alone, and one that was not is the option again", async () => {
    const v = variable([1]);
    const optimizer = tfOptimizer(tf, sgd, { lr: 1 });
    const plain = await optimizer.getWeights();
    const other = tfOptimizer(tf, sgd, { lr: 1 });
    other.lr = 0.5;
    await other.setWeights(plain);
    expect(other.lr).toBe(1);
    for (const lr of [0.25, stepDecay({ init: 0.125, rate: 0.5, every: 2 })]) {
      optimizer.learningRate = lr;
      await other.setWeights(await optimizer.getWeights());
      expect(other.lr).toBe(optimizer.lr);
      expect(other.getConfig()).toEqual(optimizer.getConfig());
    }
    optimizer.lr = () => 2;
    const weights = await optimizer.getWeights();
    other.lr = 3;
    await expect(other.setWeights(weights)).rejects.toThrow("which cannot be saved: set lr to it, then load");
    other.lr = () => 4;
    await other.setWeights(weights);
    expect(other.lr).toBe(4);
    step(other, [v, [0]]);
  });

  test("a learning rate that was set is not what weight decay is relative to", async () => {
    registerOptimizer(tf, adamw);
    const made = tfOptimizer(tf, adamw, { lr: 1, decay: "schedule", weightDecay: 0.5 });
    made.lr = 0.25;
    const config = JSON.parse(JSON.stringify(made.getConfig()));
    const [cls, fromConfig] = tf.serialization.SerializationMap.getMap().classNameMap[made.getClassName()];
    const other = fromConfig(cls, config) as unknown as typeof made;
    const [v, w] = [variable([1]), variable([1])];
    step(made, [v, [0]]);
    step(other, [w, [0]]);
    expect(valuesOf(w)).toEqual(valuesOf(v));
    expect(valuesOf(v)).toEqual([1 - 0.5 * 0.25]);
    other.lr = undefined;
    expect(other.lr).toBe(1);
  });

  test("what weight decay is relative to is the run's first lr", async () => {
    const v = variable([1]);
    const make = (lr: number) => tfOptimizer(tf, adamw, { lr, decay: "schedule", weightDecay: 0.5 });
    const optimizer = make(1);
    step(optimizer, [v, [0]]);
    expect(valuesOf(v)).toEqual([0.5]);
    const weights = await optimizer.getWeights();
    const other = make(0.25);
    await other.setWeights(weights);
    const again = make(0.125);
    await again.setWeights(await other.getWeights());
    again.lr = 0.5;
    step(again, [v, [0]]);
    expect(valuesOf(v)).toEqual([0.5 * (1 - 0.5 * 0.5)]);

    const without = weights.filter(({ name }) => !name.endsWith("firstLr"));
    const last = make(1);
    await last.setWeights(without);
    expect(() => step(last, [v, [0]])).toThrow(`adamw: the saved firstLr of ${v.name} must be a number`);
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const bits = tf.tensor(new Int32Array(Float64Array.of(bad).buffer), [2], "int32");
      const list = without.concat({ name: `${v.name}/firstLr`, tensor: bits });
      await expect(make(1).setWeights(list)).rejects.toThrow("firstLr must be a finite number > 0");
    }
  });

  test("what is frozen keeps its state for a time when it is not", async () => {
    const [v, w] = [variable([1], named("body")), variable([2], named("head"))];
    const optimizer = tfOptimizer(tf, adam);
    step(optimizer, [v, [1]], [w, [1]]);
    const frozen = tfOptimizer(tf, adam, { groups: [{ match: /^body/, trainable: false }] });
    await frozen.setWeights(await optimizer.getWeights());
    step(frozen, [v, [1]], [w, [1]]);
    const weights = await frozen.getWeights();
    const stateOf = (name: string) =>
      weights.filter((weight) => weight.name.startsWith(name)).map(({ tensor }) => valuesOf(tensor));
    expect(stateOf(v.name)[0]).toEqual([1]);
    expect(stateOf(w.name)[0]).toEqual([2]);
    frozen.eval();
  });

  test("counts beyond int32, and a schedule that has no value there", async () => {
    const v = variable([1]);
    const optimizer = tfOptimizer(tf, adam);
    step(optimizer, [v, [1]]);
    const weights = (await optimizer.getWeights()).map(({ name, tensor }) => ({
      name,
      tensor: name === "iter" ? tf.tensor([2 ** 31 - 1], [], "int32") : tensor,
    }));
    await optimizer.setWeights(weights);
    step(optimizer, [v, [1]]);
    expect(optimizer.iterations).toBe(2 ** 31);
    const other = tfOptimizer(tf, adam, { lr: cosineDecay({ init: 1, steps: 9, after: "throw" }) });
    await other.setWeights(await optimizer.getWeights());
    expect([other.iterations, other.lr]).toEqual([2 ** 31, NaN]);
    expect(() => step(other, [v, [1]])).toThrow("adam: lr has no value at step 2147483648: ");
    const bad = [{ name: "iter", tensor: tf.tensor([-1], [], "int32") }];
    await expect(other.setWeights(bad)).rejects.toThrow("adam: the saved iter must be a whole number ≥ 0, got -1");
    expect(other.iterations).toBe(2 ** 31);
  });

  test("functions are asked for again, before anything is trained without them", async () => {
    const net = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    const lr = (k: number) => 1 / (k + 1);
    net.compile({ optimizer: tfOptimizer(tf, sgd, { lr, project: () => undefined }), loss: "meanSquaredError" });
    const saved = await artifacts((handler) => net.save(handler, { includeOptimizer: true }));
    const load = () => tf.loadLayersModel(tf.io.fromMemory(saved));
    registerOptimizer(tf, sgd);
    await expect(load()).rejects.toThrow(
      new TypeError(
        "sgd: lr had a function in it, which is not saved: give it again, registerOptimizer(tf, sgd, { lr })",
      ),
    );
    registerOptimizer(tf, sgd, { lr });
    const again = await load();
    const train = () => again.trainOnBatch(tf.tensor2d([[1]]), tf.tensor2d([[1]]));
    await expect(train()).rejects.toThrow(
      new Error("sgd: the project hook was not saved: set project, to undefined if there is to be none"),
    );
    (again.optimizer as ReturnType<typeof tfOptimizer<Tf, typeof sgd>>).project = undefined;
    await train();
    expect(again.optimizer.iterations).toBe(1);
  });

  test("state that does not fit is refused", async () => {
    const v = variable([1, 2]);
    const optimizer = tfOptimizer(tf, adam);
    step(optimizer, [v, [1, 1]]);
    const weights = await optimizer.getWeights();

    const momentum = tfOptimizer(tf, sgd, { momentum: 0.9 });
    await momentum.setWeights(weights);
    expect(() => step(momentum, [v, [1, 1]])).toThrow(
      new TypeError(`sgd: the saved state of ${v.name} must be momentum_buffer, got exp_avg, exp_avg_sq`),
    );

    const shorter = tfOptimizer(tf, adam);
    await shorter.setWeights(weights);
    const stranger = variable([1]);
    expect(() => step(shorter, [stranger, [1]])).toThrow(
      new Error(`adam: the state that was loaded is for ${v.name}, and gradients came for ${stranger.name}`),
    );
    v.dispose();
    const other = variable([1], v.name);
    expect(() => step(shorter, [other, [1]])).toThrow(
      new RangeError(`adam: the saved exp_avg of ${v.name} must have 1 elements, got 2`),
    );
    expect(valuesOf(other)).toEqual([1]);

    await expect(optimizer.setWeights(weights.slice(1))).rejects.toThrow(
      new TypeError('adam: the first of the weights must be iter, got "skipped"'),
    );
  });

  test("the weights to evaluate with are not what is saved, and cannot be asked for before the state has found its variables", async () => {
    const v = variable([1]);
    const optimizer = tfOptimizer(tf, scheduleFreeSgd);
    step(optimizer, [v, [1]]);
    const weights = await optimizer.getWeights();
    optimizer.eval();
    await expect(optimizer.getWeights()).rejects.toThrow(
      new Error("scheduleFreeSgd: to save needs the weights to train: call train() first"),
    );
    const other = tfOptimizer(tf, scheduleFreeSgd);
    await other.setWeights(weights);
    expect(() => other.eval()).toThrow(/^scheduleFreeSgd: eval\(\) has to wait for the first step after loading/);
  });
});
