import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, test } from "vitest";
import { layerConstraints, tfOptimizer } from "../src/adapters/tfjs/index.ts";
import { adam, adamHd, adamw, constant, dog, dowg, prodigy, scheduleFreeAdamw, sgd } from "../src/index.ts";
import { named, on, step, type Tf, tf, valuesOf, variable, ways } from "./tf.ts";

const model = (units = 4) =>
  tf.sequential({
    layers: [tf.layers.dense({ units, inputShape: [3], activation: "tanh" }), tf.layers.dense({ units: 1 })],
  });

const data = () => ({
  x: tf.randomUniform([32, 3], 0, 1, "float32", 1),
  y: tf.randomUniform([32, 1], 0, 1, "float32", 2),
});

describe.each(ways)("TensorFlow.js on %s", (way) => {
  let here: Tf;
  beforeEach(async () => {
    here = await on(way);
  });

  test("compile and fit train, and leave no tensor behind", async () => {
    const net = model();
    const optimizer = tfOptimizer(here, adamw, { lr: 0.01, clipNorm: 1, groups: [{ match: /bias/, weightDecay: 0 }] });
    net.compile({ optimizer, loss: "meanSquaredError" });
    const { x, y } = data();
    const before = tf.memory().numTensors;
    const { history } = await net.fit(x, y, { epochs: 20, batchSize: 8, verbose: 0 });
    expect(tf.memory().numTensors).toBe(before);
    expect(Number(history.loss[19])).toBeLessThan(0.8 * Number(history.loss[0]));
    expect([optimizer.iterations, optimizer.skipped, optimizer.inPlace]).toEqual([80, 0, way === "wasm"]);
    await net.trainOnBatch(x, y);
    expect(optimizer.iterations).toBe(81);
  });

  test("the first step of sgd is p − lr · g", () => {
    const v = variable([1, 2]);
    step(tfOptimizer(here, sgd, { lr: 0.5 }), [v, [1, -1]]);
    expect(valuesOf(v)).toEqual([0.5, 2.5]);
  });

  test("minimize takes all variables or a list, and gives the cost if asked to", () => {
    const [v, other] = [variable([3]), variable([5])];
    const optimizer = tfOptimizer(here, sgd, { lr: 0.25 });
    const square = () => tf.sum(tf.add(tf.square(v), tf.square(other))) as Scalar;
    const before = tf.memory().numTensors;
    const cost = optimizer.minimize(square, true, [v]) as Scalar;
    expect(valuesOf(cost)).toEqual([34]);
    cost.dispose();
    expect([...valuesOf(v), ...valuesOf(other)]).toEqual([1.5, 5]);
    expect(optimizer.minimize(square)).toBeNull();
    expect([...valuesOf(v), ...valuesOf(other)]).toEqual([0.75, 2.5]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("computeGradients and applyGradients with a map", () => {
    const v = variable([3]);
    const optimizer = tfOptimizer(here, sgd, { lr: 0.25 });
    const { value, grads } = optimizer.computeGradients(() => tf.sum(tf.square(v)) as Scalar, [v]);
    optimizer.applyGradients(grads);
    expect([...valuesOf(value), ...valuesOf(v), ...valuesOf(grads[v.name])]).toEqual([9, 1.5, 6]);
    tf.dispose([value, grads]);
  });

  test("minimize leaves no tensor behind when a step throws", () => {
    const v = variable([3]);
    const optimizer = tfOptimizer(here, sgd, { onNonFinite: "throw" });
    const before = tf.memory().numTensors;
    const infinite = () => tf.sum(tf.mul(v, Number.POSITIVE_INFINITY)) as Scalar;
    expect(() => optimizer.minimize(infinite, true, [v])).toThrow(
      new Error(`sgd: the gradient of ${v.name} is not finite at step 0`),
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(valuesOf(v)).toEqual([3]);
  });

  test("a gradient that is not finite leaves all variables as they are", () => {
    const [v, w] = [variable([1]), variable([2])];
    const optimizer = tfOptimizer(here, adam);
    step(optimizer, [v, [1]], [w, [Number.NaN]]);
    expect([...valuesOf(v), ...valuesOf(w), optimizer.iterations, optimizer.skipped]).toEqual([1, 2, 0, 1]);
  });

  test.each([dog, dowg, prodigy])(
    "a variable that comes later counts from where it is then, for $spec.name",
    (maker) => {
      const [alone, v, late] = [variable([1, -2]), variable([1, -2]), variable([1000])];
      const [one, other] = [tfOptimizer(here, maker), tfOptimizer(here, maker)];
      for (let t = 0; t < 5; t++) {
        step(one, [alone, [1, t]]);
        if (t < 3) step(other, [v, [1, t]]);
        else step(other, [v, [1, t]], [late, [0]]);
      }
      expect([...valuesOf(v), ...valuesOf(late)]).toEqual([...valuesOf(alone), 1000]);
    },
  );

  test("a variable that comes later begins with a step as long as the lr, for adamHd", () => {
    const [v, late] = [variable([1]), variable([0])];
    const optimizer = tfOptimizer(here, adamHd, { lr: 0.25, hypergradLr: 0 });
    for (let t = 0; t < 5; t++) step(optimizer, [v, [t]]);
    step(optimizer, [v, [1]], [late, [2]]);
    expect(valuesOf(late)[0]).toBeCloseTo(-0.25, 6);
  });

  test("a variable without a gradient keeps still, and its state with it", () => {
    const [v, w, twin] = [variable([1]), variable([1]), variable([1])];
    const optimizer = tfOptimizer(here, adam, { lr: 0.1 });
    step(optimizer, [v, [1]], [w, [1]]);
    const list = [
      { name: v.name, tensor: tf.tensor1d([1]) },
      { name: w.name, tensor: null as unknown as Tensor },
    ];
    optimizer.applyGradients(list);
    list[0].tensor.dispose();
    const still = valuesOf(w);
    step(optimizer, [w, [-1]]);
    const other = tfOptimizer(here, adam, { lr: 0.1 });
    step(other, [twin, [1]]);
    expect(valuesOf(twin)).toEqual(still);
    step(other, [twin, [-1]]);
    expect(valuesOf(w)).toEqual(valuesOf(twin));
  });

  test("null, as TensorFlow.js has it for a variable that is not trainable, is no gradient: in a map and in minimize", () => {
    const [v, other] = [variable([3]), variable([5])];
    const fixed = tf.variable(tf.tensor1d([2]), false, named("fixed"));
    const optimizer = tfOptimizer(here, sgd, { lr: 0.125 });
    const cost = () => tf.sum(tf.mul(tf.square(v), fixed)) as Scalar;
    const { value, grads } = optimizer.computeGradients(cost, [v, fixed]);
    expect(grads[fixed.name]).toBeNull();
    optimizer.applyGradients({ ...grads, [other.name]: null as unknown as Tensor });
    expect([v, fixed, other].flatMap(valuesOf)).toEqual([1.5, 2, 5]);
    tf.dispose([value, grads[v.name]]);
    optimizer.minimize(cost, false, [v, fixed]);
    expect([v, fixed].flatMap(valuesOf)).toEqual([0.75, 2]);
  });

  test("two models on one optimizer, in turns as a GAN's: each as with its own, schedules by all steps", async () => {
    const { x, y } = data();
    const shared = tfOptimizer(here, adam, { lr: 0.01 });
    const run = async (first: typeof shared, second: typeof shared) => {
      const nets = [first, second].map((optimizer) => {
        const net = model();
        net.setWeights(net.getWeights().map((w, i) => tf.randomUniform(w.shape, -1, 1, "float32", i)));
        net.compile({ optimizer, loss: "meanSquaredError" });
        return net;
      });
      for (let i = 0; i < 3; i++) {
        await nets[0].trainOnBatch(x, y);
        nets[0].layers[0].trainable = i % 2 === 1;
        // Only compile asks again what is trainable.
        nets[0].compile({ optimizer: first, loss: "meanSquaredError" });
        await nets[1].trainOnBatch(tf.mul(y, tf.ones([32, 3])), y);
      }
      return nets.map((net) => net.getWeights().map(valuesOf));
    };
    const own = () => tfOptimizer(here, adam, { lr: 0.01 });
    expect(await run(shared, shared)).toEqual(await run(own(), own()));
    expect(shared.iterations).toBe(6);
  });

  test("a layer that is frozen and thawed goes on from its own updates, as the core does with just its gradients", async () => {
    const { x, y } = data();
    const net = model();
    const optimizer = tfOptimizer(here, adam, { lr: 0.1 });
    const start = net.weights.map((weight) => valuesOf(weight.read()));
    const got = new Map<string, number[][]>(net.weights.map(({ name }) => [name, []]));
    const apply = optimizer.applyGradients.bind(optimizer);
    optimizer.applyGradients = (gradients) => {
      for (const { name, tensor } of gradients as { name: string; tensor: Tensor }[])
        got.get(name)?.push(valuesOf(tensor));
      apply(gradients);
    };
    for (const trainable of [true, false, false, true, true]) {
      net.layers[0].trainable = trainable;
      net.compile({ optimizer, loss: "meanSquaredError" });
      await net.trainOnBatch(x, y);
    }
    expect([...got.values()].map(({ length }) => length)).toEqual([3, 3, 5, 5]);
    for (const [i, weight] of net.weights.entries()) {
      const core = adam({ w: Float32Array.from(start[i]) }, { lr: 0.1 });
      for (const w of got.get(weight.name) ?? []) core.step({ w });
      expect(valuesOf(weight.read())).toEqual([...core.params.w]);
    }
  });

  test("another optimizer in the place of the model's", async () => {
    const { x, y } = data();
    const net = model();
    net.compile({ optimizer: tfOptimizer(here, adam), loss: "meanSquaredError" });
    await net.trainOnBatch(x, y);
    const second = tfOptimizer(here, sgd, { lr: 0 });
    net.optimizer = second;
    const before = net.getWeights().map(valuesOf);
    await net.trainOnBatch(x, y);
    expect(net.getWeights().map(valuesOf)).toEqual(before);
    expect(second.iterations).toBe(1);
  });

  test("groups match by the variables' names and shapes", () => {
    const v = variable([1, 1], named("dense/kernel"), [1, 2]);
    const w = variable([1, 1], named("dense/bias"));
    const frozen = variable([1, 1], named("frozen"));
    const optimizer = tfOptimizer(here, sgd, {
      lr: 1,
      groups: [
        { match: /bias/, lr: 0.5 },
        { match: (_, shape) => shape.length === 2, lr: 0.25 },
        { match: frozen.name, trainable: false },
      ],
    });
    step(optimizer, [v, [1, 2]], [w, [1, 2]], [frozen, [Number.NaN, 1]]);
    expect([...valuesOf(v), ...valuesOf(w), ...valuesOf(frozen)]).toEqual([0.75, 0.5, 0.5, 0, 1, 1]);
  });

  test("lr can be read and set between batches, and is what schedules say by the batch", async () => {
    const net = model();
    const optimizer = tfOptimizer(here, sgd, { lr: (k) => 1 / (k + 1) });
    net.compile({ optimizer, loss: "meanSquaredError" });
    const { x, y } = data();
    const seen: number[] = [];
    await net.fit(x, y, {
      epochs: 2,
      batchSize: 16,
      verbose: 0,
      callbacks: { onBatchEnd: async () => void seen.push(optimizer.lr) },
    });
    expect(seen).toEqual([1, 1 / 2, 1 / 3, 1 / 4]);
    optimizer.learningRate = 0.125;
    const v = variable([1]);
    step(optimizer, [v, [1]]);
    expect([...valuesOf(v), optimizer.lr, optimizer.learningRate]).toEqual([0.875, 0.125, 0.125]);
    optimizer.lr = constant({ value: 0.25 });
    step(optimizer, [v, [1]]);
    optimizer.lr = undefined;
    step(optimizer, [v, [0]]);
    expect([...valuesOf(v), optimizer.lr]).toEqual([0.625, 1 / 7]);
    expect(() => {
      optimizer.lr = -1;
    }).toThrow(new RangeError("sgd: lr must be a finite number ≥ 0, got -1"));
  });

  test("layers' constraints hold, where tf.train leaves them out", async () => {
    const { x, y } = data();
    const least = async (make: (net: ReturnType<typeof tf.sequential>) => ReturnType<Tf["train"]["sgd"]>) => {
      const net = tf.sequential({
        layers: [tf.layers.dense({ units: 1, inputShape: [3], kernelConstraint: "nonNeg", kernelInitializer: "ones" })],
      });
      net.compile({ optimizer: make(net), loss: "meanSquaredError" });
      const before = tf.memory().numTensors;
      await net.fit(x, tf.neg(y), { epochs: 5, verbose: 0 });
      return [Math.min(...valuesOf(net.getWeights()[0])), tf.memory().numTensors - before];
    };
    const [theirs] = await least(() => tf.train.sgd(1));
    expect(theirs).toBeLessThan(0);
    const ours = await least((net) => tfOptimizer(here, sgd, { lr: 1, project: layerConstraints(net) }) as never);
    // The targets' negation is the one tensor that is left.
    expect(ours).toEqual([0, 1]);
  });

  test("a project hook of one's own", () => {
    const [v, w] = [variable([1, 1]), variable([1, 1])];
    const optimizer = tfOptimizer(here, sgd, {
      lr: 1,
      project: (variable) => (variable === v ? tf.clipByValue(variable, 0.5, 2) : undefined),
    });
    const before = tf.memory().numTensors;
    step(optimizer, [v, [1, -3]], [w, [1, -3]]);
    step(optimizer, [v, [0, 0]], [w, [0, 0]]);
    expect([...valuesOf(v), ...valuesOf(w)]).toEqual([0.5, 2, 0, 4]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a project hook is called for what a step has changed, and for nothing else", () => {
    const [v, frozen] = [variable([1]), variable([1])];
    const seen: string[] = [];
    const optimizer = tfOptimizer(here, sgd, {
      groups: [{ match: frozen.name, trainable: false }],
      project: ({ name }) => void seen.push(name),
    });
    step(optimizer, [v, [Number.NaN]], [frozen, [1]]);
    expect(seen).toEqual([]);
    step(optimizer, [v, [1]], [frozen, [1]]);
    expect(seen).toEqual([v.name]);
  });

  test("schedule-free weights turn into those to evaluate with and back", () => {
    const [v, twin] = [variable([1, -2]), variable([1, -2])];
    const [optimizer, other] = [0, 1].map(() => tfOptimizer(here, scheduleFreeAdamw, { lr: 0.1 }));
    optimizer.eval();
    optimizer.train();
    for (let i = 0; i < 3; i++)
      for (const [o, x] of [
        [optimizer, v],
        [other, twin],
      ] as const)
        step(o, [x, [1, i]]);
    const trained = valuesOf(v);
    optimizer.eval();
    expect(valuesOf(v)).not.toEqual(trained);
    expect(() => step(optimizer, [v, [1, 1]])).toThrow(
      new Error("scheduleFreeAdamw: a step needs the weights to train: call train() first"),
    );
    optimizer.eval();
    optimizer.train();
    step(optimizer, [v, [1, 1]]);
    step(other, [twin, [1, 1]]);
    valuesOf(v).forEach((x, i) => {
      // There and back is two roundings.
      expect(x).toBeCloseTo(valuesOf(twin)[i], 5);
    });
  });

  test("what must be refused is, before anything changes", () => {
    const v = variable([1, 2]);
    const integer = tf.variable(tf.tensor1d([1], "int32"), true, named("i"), "int32");
    const optimizer = tfOptimizer(here, sgd, { lr: 1 });
    const refused = (list: { name: string; tensor: Tensor }[]) => () =>
      optimizer.applyGradients([{ name: v.name, tensor: tf.tensor1d([1, 1]) }, ...list]);
    expect(refused([{ name: integer.name, tensor: tf.tensor1d([1]) }])).toThrow(
      new TypeError(`sgd: the variable ${integer.name} must be float32, got int32`),
    );
    const w = variable([1, 2]);
    const { name } = w;
    expect(refused([{ name, tensor: tf.tensor2d([[1, 1]]) }])).toThrow(
      new RangeError(`sgd: the gradient of ${name} must have the shape [2], got [1, 2]`),
    );
    expect(refused([{ name, tensor: tf.tensor1d([1, 1], "int32") }])).toThrow(
      new TypeError(`sgd: the gradient of ${name} must be float32, got int32`),
    );
    const disposed = tf.tensor1d([1, 1]);
    disposed.dispose();
    expect(refused([{ name, tensor: disposed }])).toThrow(new Error(`sgd: the gradient of ${name} is disposed`));
    expect(refused([{ name: v.name, tensor: tf.tensor1d([1, 1]) }])).toThrow(
      new TypeError(`sgd: two gradients came for ${v.name}`),
    );
    expect(refused([{ name, tensor: v }])).toThrow(
      new TypeError(`sgd: the gradient of ${name} is the variable ${v.name}, which changes too: give a clone`),
    );
    expect([...valuesOf(v), optimizer.iterations]).toEqual([1, 2, 0]);
  });

  test.each(["dtype", "backend", "arena", "inPlace", "shapes", "learningRate"])("there is no option %s", (option) => {
    expect(() => tfOptimizer(here, sgd, { [option]: undefined } as never)).toThrow(
      new RegExp(`^sgd: unknown option ${option}( \\(did you mean lr\\?\\))?, expected one of lr, .*groups, project$`),
    );
  });

  test("is what TensorFlow.js takes for an optimizer", () => {
    const optimizer = tfOptimizer(here, adam);
    expect(optimizer).toBeInstanceOf(tf.Optimizer);
    expect(optimizer.getClassName()).toBe("thalweg.adam");
  });
});
