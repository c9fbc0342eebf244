import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, test } from "vitest";
import { tfOptimizer } from "../src/adapters/tfjs/index.ts";
import { adam, adamw, sgd } from "../src/index.ts";
import { all, named, on, step, type Tf, tf, valuesOf, variable, ways } from "./tf.ts";

/** As much of TensorFlow.js's wasm backend as is looked at. */
interface Heap {
  readonly wasm: {
    readonly asm: { readonly memory: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(at: number): void;
  };
  getMemoryOffset(dataId: object): number;
}
const heap = () => tf.backend() as unknown as Heap;

/** Makes the memory grow as TensorFlow.js does it, by asking for more than there can be. */
function grow(): void {
  const { wasm } = heap();
  wasm._free(wasm._malloc(wasm.asm.memory.buffer.byteLength));
}

describe.each(ways)("memory of TensorFlow.js on %s", (way) => {
  let here: Tf;
  beforeEach(async () => {
    here = await on(way);
  });

  const sharers: readonly (readonly [string, (v: Variable) => Tensor])[] = [
    ["a clone", (v) => tf.clone(v)],
    ["a reshaped view", (v) => tf.reshape(v, [2, 1])],
  ];
  test.each(sharers)("%s of a variable keeps the values it had", (_, share) => {
    const v = variable([1, 2]);
    const optimizer = tfOptimizer(here, sgd, { lr: 1 });
    step(optimizer, [v, [0, 0]]);
    const snapshot = share(v);
    const before = tf.memory().numTensors;
    step(optimizer, [v, [1, 1]]);
    step(optimizer, [v, [1, 1]]);
    expect([valuesOf(snapshot), valuesOf(v)]).toEqual([
      [1, 2],
      [-1, 0],
    ]);
    expect(tf.memory().numTensors).toBe(before);
    snapshot.dispose();
  });

  test("what a variable was made of keeps its values: a tensor, and the user's own array", () => {
    const mine = Float32Array.of(1, 2);
    const initial = tf.tensor1d(mine);
    const v = tf.variable(initial, true, named("v"));
    step(tfOptimizer(here, sgd, { lr: 1 }), [v, [1, 1]]);
    expect([valuesOf(initial), [...mine], valuesOf(v)]).toEqual([
      [1, 2],
      [1, 2],
      [0, 1],
    ]);
    initial.dispose();
    step(tfOptimizer(here, sgd, { lr: 1 }), [v, [1, 1]]);
    expect([[...mine], valuesOf(v)]).toEqual([
      [1, 2],
      [-1, 0],
    ]);
  });

  test("two variables made of one tensor go their own ways", () => {
    const initial = tf.tensor1d([1, 2]);
    const [v, w] = [0, 1].map(() => tf.variable(initial, true, named("v")));
    initial.dispose();
    step(tfOptimizer(here, sgd, { lr: 1 }), [v, [1, 1]], [w, [-1, -1]]);
    expect([valuesOf(v), valuesOf(w)]).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test("what dataSync gave does not change", () => {
    const v = variable([1, 2]);
    const optimizer = tfOptimizer(here, sgd, { lr: 1 });
    const seen: Float32Array[] = [];
    for (let i = 0; i < 3; i++) {
      seen.push(v.dataSync<"float32">());
      step(optimizer, [v, [1, 1]]);
    }
    expect(seen.map((x) => [...x])).toEqual([
      [1, 2],
      [0, 1],
      [-1, 0],
    ]);
  });

  test("a gradient that is the variable itself", () => {
    const v = variable([1, -2, 3]);
    const optimizer = tfOptimizer(here, sgd, { lr: 0.5 });
    optimizer.applyGradients([{ name: v.name, tensor: v }]);
    expect(valuesOf(v)).toEqual([0.5, -1, 1.5]);
  });

  test("operations see the new values, also those that keep packed copies of a matrix, a filter or a bias", () => {
    const matrix = variable([1, 2, 3, 4], named("matrix"), [2, 2]);
    const filter = variable([1, 2, 3, 4], named("filter"), [2, 2, 1, 1]);
    const [bias, offset] = [variable([1, 1]), variable([1])];
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
    const outputs = () =>
      tf.tidy(() =>
        [
          tf.matMul(x, matrix),
          tf.fused.matMul({ a: x, b: matrix, bias }),
          tf.conv2d(image as never, filter as never, 1, "valid"),
          tf.fused.conv2d({ x: image as never, filter: filter as never, strides: 1, pad: "valid", bias: offset }),
        ].map(valuesOf),
      );
    const optimizer = tfOptimizer(here, sgd, { lr: 1 });
    outputs();
    step(optimizer, [matrix, [1, 1, 1, 1]], [filter, [1, 1, 1, 1]]);
    outputs();
    step(optimizer, [bias, [-1, -1]], [offset, [-1]]);
    expect(outputs()).toEqual([
      [4, 7, 8, 15, 12, 23],
      [6, 9, 10, 17, 14, 25],
      [25, 31, 43, 49],
      [27, 33, 45, 51],
    ]);
  });

  test("gradients are read only", () => {
    const v = variable([1, 2]);
    const gradient = tf.tensor1d([3, 4]);
    const optimizer = tfOptimizer(here, adam, { clipNorm: 1, clipTensorNorm: 0.5, centralize: true, weightDecay: 0.1 });
    optimizer.applyGradients([{ name: v.name, tensor: gradient }]);
    expect(valuesOf(gradient)).toEqual([3, 4]);
    gradient.dispose();
  });

  test("new values by assign are gone on from", () => {
    const v = variable([1, 2]);
    const optimizer = tfOptimizer(here, sgd, { lr: 1, momentum: 0.5 });
    step(optimizer, [v, [1, 1]]);
    tf.tidy(() => v.assign(tf.tensor1d([10, 20])));
    step(optimizer, [v, [0, 0]]);
    expect(valuesOf(v)).toEqual([9.5, 19.5]);
  });

  test.each(all)("$name makes no tensor in a step", ({ maker }) => {
    const [v, w] = [variable([1, 2, 3, 4], named("v"), [2, 2]), variable([1, 2])];
    const optimizer = tfOptimizer(here, maker);
    const tensors = () => [tf.memory().numTensors, tf.memory().numDataBuffers];
    step(optimizer, [v, [1, 2, 3, 4]], [w, [1, 2]]);
    const before = tensors();
    for (let i = 0; i < 3; i++) step(optimizer, [v, [1, -2, 3, 4]], [w, [-1, 2]]);
    expect(tensors()).toEqual(before);
  });

  test("tidy and scopes around steps free nothing of it", () => {
    const [v, twin] = [variable([1, 2]), variable([1, 2])];
    const [inside, outside] = [v, twin].map(() => tfOptimizer(here, adam, { lr: 0.1 }));
    tf.tidy(() => step(inside, [v, [1, 2]]));
    tf.engine().startScope("steps");
    step(inside, [v, [3, -1]]);
    tf.engine().endScope();
    tf.tidy(() => step(inside, [v, [1, 1]]));
    for (const gradient of [
      [1, 2],
      [3, -1],
      [1, 1],
    ])
      step(outside, [twin, gradient]);
    expect(valuesOf(v)).toEqual(valuesOf(twin));
  });

  test("a variable that was disposed takes its state with it, and one of its name begins anew", () => {
    const [kept, gone] = [variable([1]), variable([1])];
    const optimizer = tfOptimizer(here, adam, { lr: 0.1 });
    for (let i = 0; i < 5; i++) step(optimizer, [kept, [1]], [gone, [1]]);
    const { name } = gone;
    gone.dispose();
    expect(() => optimizer.applyGradients([{ name, tensor: tf.tensor1d([1]) }])).toThrow(
      new Error(`adam: a gradient came for ${name}, which is no variable or a disposed one`),
    );
    const again = variable([0], name);
    step(optimizer, [again, [-1]]);
    // Adam's first step is the lr, against the gradient.
    expect(valuesOf(again)[0]).toBeCloseTo(0.1, 7);
    const twin = variable([1]);
    const other = tfOptimizer(here, adam, { lr: 0.1 });
    for (let i = 0; i < 6; i++) step(other, [twin, [1]]);
    step(optimizer, [kept, [1]]);
    expect(valuesOf(kept)).toEqual(valuesOf(twin));
  });

  test("after dispose every use is refused", async () => {
    const v = variable([1]);
    const optimizer = tfOptimizer(here, adam);
    step(optimizer, [v, [1]]);
    optimizer.dispose();
    optimizer.dispose();
    const gone = new Error("adam: this optimizer is disposed");
    expect(() => step(optimizer, [v, [1]])).toThrow(gone);
    expect(() => optimizer.eval()).toThrow(gone);
    await expect(optimizer.getWeights()).rejects.toThrow(gone);
    await expect(optimizer.setWeights([])).rejects.toThrow(gone);
  });

  test("nothing stays when an optimizer is disposed", async () => {
    const v = variable([1, 2]);
    step(tfOptimizer(here, adam), [v, [1, 1]]);
    const before = { ...tf.memory() };
    const optimizer = tfOptimizer(here, adam);
    step(optimizer, [v, [1, 1]]);
    await optimizer.getWeights();
    optimizer.dispose();
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    expect({ numTensors, numDataBuffers, numBytes }).toEqual({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
      numBytes: before.numBytes,
    });
  });
});

describe("TensorFlow.js's wasm memory", () => {
  beforeEach(async () => {
    await on("wasm");
  });

  test("a step leaves variables where they lie", () => {
    const v = variable([1, 2]);
    const place = () => [v.dataId, heap().getMemoryOffset(v.dataId)];
    const before = place();
    step(tfOptimizer(tf, adam), [v, [1, 1]]);
    expect(place()).toEqual(before);
  });

  test("may grow between steps", () => {
    const [v, twin] = [variable([1, 2]), variable([1, 2])];
    const [optimizer, other] = [v, twin].map(() => tfOptimizer(tf, adam, { lr: 0.1, clipNorm: 1 }));
    const { memory } = heap().wasm.asm;
    for (let i = 0; i < 3; i++) step(other, [twin, [1, i]]);
    for (let i = 0; i < 3; i++) {
      const { buffer } = memory;
      step(optimizer, [v, [1, i]]);
      if (i < 2) grow();
      expect(memory.buffer === buffer).toBe(i === 2);
    }
    expect(valuesOf(v)).toEqual(valuesOf(twin));
  });

  test("may grow within a step, as a shared variable is given memory of its own", () => {
    const { memory } = heap().wasm.asm;
    const size = Math.ceil(memory.buffer.byteLength / 4);
    const [v, large] = [variable([1, 2]), tf.variable(tf.zeros([size]), true, named("large"))];
    const optimizer = tfOptimizer(tf, sgd, { lr: 1, clipNorm: 1e9 });
    const list = [v, large].map((x) => ({ name: x.name, tensor: tf.ones(x.shape) }));
    const { buffer } = memory;
    optimizer.applyGradients(list);
    expect(memory.buffer).not.toBe(buffer);
    expect([...valuesOf(v), ...valuesOf(tf.slice(large, [size - 1], [1]))]).toEqual([0, 1, -1]);
    large.dispose();
    tf.dispose(list.map(({ tensor }) => tensor));
  });

  test("nothing but state and variables is written to", () => {
    const { wasm } = heap();
    const variables = [variable(Array(3001).fill(1)), variable([1, 2, 3])];
    const gradients = variables.map((x) => ({ name: x.name, tensor: tf.ones(x.shape) }));
    const own: [number, number][] = variables.map(({ dataId, size }) => [heap().getMemoryOffset(dataId), 4 * size]);
    const _malloc = (bytes: number) => {
      const at = wasm._malloc(bytes);
      own.push([at, bytes]);
      return at;
    };
    const watched = Object.create(heap(), { wasm: { value: { ...wasm, _malloc } } });
    const optimizer = tfOptimizer({ ...tf, backend: () => watched }, adamw, {
      cautious: true,
      clipNorm: 1,
      clipTensorNorm: 0.5,
      groups: [{ match: variables[1].name, clipTensorNorm: Number.POSITIVE_INFINITY, cautious: false }],
    });
    optimizer.applyGradients(gradients);
    const bytes = new Uint8Array(wasm.asm.memory.buffer);
    const before = bytes.slice();
    optimizer.applyGradients(gradients);
    const trespasses = bytes.reduce((sum, byte, i) => {
      const isOwn = byte === before[i] || own.some(([at, size]) => i >= at && i < at + size);
      return isOwn ? sum : sum + 1;
    }, 0);
    expect(trespasses).toBe(0);
    expect(own.length).toBe(3);
    tf.dispose(gradients.map(({ tensor }) => tensor));
  });

  test("disposing gives it back", () => {
    const v = variable(Array(300_000).fill(1));
    const { memory } = heap().wasm.asm;
    const cycle = () => {
      const optimizer = tfOptimizer(tf, adam);
      step(optimizer, [v, Array(300_000).fill(1)]);
      optimizer.dispose();
    };
    for (let i = 0; i < 3; i++) cycle();
    const { byteLength } = memory.buffer;
    for (let i = 0; i < 30; i++) cycle();
    expect(memory.buffer.byteLength).toBe(byteLength);
  });

  test("having no room is said, and changes nothing", () => {
    const { wasm } = heap();
    const v = variable([1]);
    const full = Object.create(heap(), { wasm: { value: { ...wasm, _malloc: () => 0 } } });
    const optimizer = tfOptimizer({ ...tf, backend: () => full }, sgd, { momentum: 0.9 });
    expect(() => step(optimizer, [v, [1]])).toThrow(/^sgd: TensorFlow.js's memory has no room for \d+ bytes of state$/);
    expect(valuesOf(v)).toEqual([1]);
  });
});

describe("another backend between steps", () => {
  test.each([
    ["wasm", "cpu"],
    ["cpu", "wasm"],
    ["wasm", "copied wasm"],
  ] as const)("from %s to %s goes on to the bit", async (from, to) => {
    let way: (typeof ways)[number] = from;
    const run = async (switches: boolean) => {
      const heres = { [from]: await on(from), [to]: await on(to) };
      await on(from);
      way = from;
      const [v, w] = [variable([1, 2, 3]), variable([0.5])];
      const optimizer = tfOptimizer({ ...tf, backend: () => heres[way].backend() }, adam, { lr: 0.1 });
      const gradients = [variable([1, -2, 0.5]), variable([1, 3, -1])];
      step(optimizer, [v, [3, 2, 1]], [w, [1]]);
      for (const gradient of gradients) optimizer.applyGradients([{ name: v.name, tensor: gradient }]);
      if (switches) {
        await on(to);
        way = to;
      }
      // The gradients are still where they were.
      for (const gradient of gradients) optimizer.applyGradients([{ name: v.name, tensor: gradient }]);
      step(optimizer, [w, [-2]]);
      return [...valuesOf(v), ...valuesOf(w)];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test("one whose tensors are out of reach is refused by name, and changes nothing", async () => {
    await on("cpu");
    const v = variable([1]);
    const gpu = { texData: new Map(), refCount: () => 1 };
    const webgl = { ...tf, backend: () => gpu as never, getBackend: () => "webgl" };
    const optimizer = tfOptimizer(webgl, adam);
    expect(() => step(optimizer, [v, [1]])).toThrow(
      /^adam: the "webgl" backend keeps its tensors where only its own operations reach them, .* await tf\.setBackend\("wasm"\)/,
    );
    expect([...valuesOf(v), optimizer.iterations]).toEqual([1, 0]);
  });
});
