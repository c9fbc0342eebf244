/** Gradients given to step(), and what is assigned to gradients, parameters and state: copied whole, or refused with nothing changed. */
import { describe, expect, test } from "vitest";
import { adam, lbfgs, scheduleFreeSgd, sgd } from "../src/index.ts";
import { loose } from "./refusals.ts";

const start = () => ({ w: Float32Array.of(1, -2, 3), b: Float32Array.of(0.5, 4) });
const viaStep = (o: ReturnType<typeof make>, given: unknown) => loose(o.step.bind(o))({ w: [1, 2, 3], b: given });
const make = () => adam(start(), { backend: "plain" });

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const bad: [string, () => unknown, string][] = [
  ["null", () => [null, 1], "must be an array of numbers, got null at index 0"],
  ["a string", () => [1, "x"], 'must be an array of numbers, got "x" at index 1'],
  ["holes", () => new Array(2), "must be an array of numbers, got undefined at index 0"],
  ["a BigInt", () => [1, 2n], "must be an array of numbers, got 2n at index 1"],
  ["a typed array of BigInts", () => BigInt64Array.of(1n, 2n), "must be an array of numbers, got a BigInt64Array"],
  ["an array of arrays", () => [[1], [2]], "must be an array of numbers, got [1] at index 0"],
  ["a String", () => Object("12"), 'must be an array of numbers, got "1" at index 0'],
  ["a DataView", () => new DataView(new ArrayBuffer(8)), "must be an array of numbers, got a DataView"],
  ["a number", () => 3, "must be an array of numbers, got 3"],
  ["null itself", () => null, "must be an array of numbers, got null"],
  ["too few", () => [1], "must have 2 elements, got 1"],
  ["far too many", () => ({ length: 2 ** 52 }), "must have 2 elements, got 4503599627370496"],
  [
    "a typed array that says it is longer",
    () => Object.defineProperty(new Float32Array(1), "length", { value: 2 }),
    "must have 2 elements, got 1",
  ],
  [
    "a detached one",
    () => {
      const x = Float32Array.of(1, 2);
      structuredClone(x, { transfer: [x.buffer] });
      return x;
    },
    "must have 2 elements, got 0",
  ],
  ["a revoked proxy", revoked, "must be an array of numbers, got a revoked proxy"],
  [
    "a proxy of a typed array",
    () => new Proxy(Float32Array.of(1, 2), {}),
    "must be an array of numbers, got a proxy or heir of a Float32Array",
  ],
  [
    "what inherits from a typed array",
    () => Object.create(Float64Array.of(1, 2)),
    "must be an array of numbers, got a proxy or heir of a Float64Array",
  ],
];

const targets = [
  { what: "the gradient of b", kind: "step(grads)", put: viaStep },
  { what: "the gradient of b", kind: "grads.b =", put: (o: object, given: unknown) => assignTo(o, "grads", given) },
  { what: "parameter b", kind: "params.b =", put: (o: object, given: unknown) => assignTo(o, "params", given) },
  {
    what: "exp_avg of b",
    kind: "state(b).exp_avg =",
    put: (o: ReturnType<typeof make>, given: unknown) => Object.assign(o.state("b"), { exp_avg: given }),
  },
];
const assignTo = (o: object, key: "grads" | "params", given: unknown) =>
  Object.assign((o as Record<typeof key, object>)[key], { b: given });

const all = (o: { save(): unknown; readonly grads: object }) => structuredClone([o.save(), { ...o.grads }]);

describe.each(targets)("$kind", ({ what, put }) => {
  test.each(bad)("%s: refused, and nothing has changed, gradients included", (_, given, message) => {
    const optimizer = make();
    optimizer.step({ w: [1, 2, 3], b: [4, 5] });
    const before = all(optimizer);
    expect(() => put(optimizer, given())).toThrow(`adam: ${what} ${message}`);
    expect(all(optimizer)).toEqual(before);
  });

  test.each([
    Int8Array.of(7, -8),
    Uint8ClampedArray.of(7, 8),
    Float64Array.of(7.1, -8.1),
    [7.1, Number.NaN],
    { 0: 7, 1: 8, length: 2 },
    new Proxy([7, 8], {}),
  ])("%o is copied, rounded as a Float32Array's elements are", (given) => {
    const optimizer = make();
    put(optimizer, given);
    const view = { gradient: optimizer.grads.b, parameter: optimizer.params.b, exp_avg: optimizer.state("b").exp_avg };
    const key = (["gradient", "parameter", "exp_avg"] as const).find((word) => what.includes(word));
    // After a step its state is made of it: that is what other tests are about.
    expect([...view[key ?? "gradient"]]).toEqual([...Float32Array.from(given as ArrayLike<number>)]);
  });

  test("what gives something else the second time is read once", () => {
    let reads = 0;
    const given = Object.defineProperties([0, 0], {
      0: { get: () => (reads++ === 0 ? 7 : "no number") },
      1: { get: () => 8 },
    });
    const optimizer = make();
    put(optimizer, given);
    expect(reads).toBe(1);
  });
});

test("a record of gradients is read once a key", () => {
  const reads: string[] = [];
  const grads = new Proxy({ w: [1, 2, 3], b: [4, 5] } as Record<string, number[]>, {
    get: (target, key: string) => {
      reads.push(key);
      return target[key];
    },
  });
  const optimizer = make();
  optimizer.step(grads as { w: number[]; b: number[] });
  expect(reads).toEqual(["w", "b"]);
  expect([...optimizer.grads.b]).toEqual([4, 5]);
});

test("gradients in plain arrays need no new memory after the first step", () => {
  const optimizer = make();
  const grads = { w: [1, 2, 3], b: [4, 5] };
  optimizer.step(grads);
  const before = all(optimizer);
  // Room that was half filled by a refused gradient is of no consequence.
  expect(() => loose(optimizer.step.bind(optimizer))({ w: [9, 9, 9], b: [9, null] })).toThrow("null at index 1");
  expect(all(optimizer)).toEqual(before);
  optimizer.step();
  const twin = make();
  twin.step(grads);
  twin.step(grads);
  expect(all(optimizer)).toEqual(all(twin));
});

describe.each([
  ["sgd", () => sgd(start(), { backend: "plain", inPlace: true })],
  ["lbfgs", () => lbfgs(start(), { backend: "plain", inPlace: true })],
] as const)("%s: assignments", (name, of) => {
  test("keep the views, go back to the caller's arrays, and can be read", () => {
    const theirs = start();
    const optimizer = name === "sgd" ? sgd(theirs, { inPlace: true }) : lbfgs(theirs, { inPlace: true });
    const { w } = optimizer.params;
    const g = optimizer.grads.w;
    optimizer.params.w = Float32Array.of(7, 8, 9);
    optimizer.grads.w = Float32Array.of(1, 2, 3);
    expect(optimizer.params.w).toBe(w);
    expect(optimizer.grads.w).toBe(g);
    expect([[...w], [...g], [...theirs.w]]).toEqual([
      [7, 8, 9],
      [1, 2, 3],
      [7, 8, 9],
    ]);
    expect(Object.keys(optimizer.params)).toEqual(["w", "b"]);
    expect(structuredClone({ ...optimizer.params })).toEqual({ w: Float32Array.of(7, 8, 9), b: theirs.b });
  });

  test("of the record, of an unknown key and of what is disposed throw", () => {
    const optimizer = of();
    for (const key of ["params", "grads"] as const) {
      expect(() => Object.assign(optimizer, { [key]: start() })).toThrow(`${name}: ${key} cannot be replaced`);
      expect(() => Object.assign(optimizer[key], { v: [1] })).toThrow(TypeError);
      expect(() => Reflect.deleteProperty(optimizer[key], "w")).not.toThrow();
      expect(optimizer[key].w).toHaveLength(3);
    }
    optimizer.dispose();
    for (const key of ["params", "grads"] as const)
      expect(() => Object.assign(optimizer[key], { w: [1, 2, 3] })).toThrow(`${name}: this optimizer is disposed`);
  });

  test("of a closure go to the gradients, and not to the parameters", () => {
    const optimizer = of();
    const closure = () => {
      optimizer.grads.w = Float32Array.of(1, 1, 1);
      expect(() => Object.assign(optimizer.params, { w: [1, 2, 3] })).toThrow("a step is under way");
      return 1;
    };
    if ("funcEvals" in optimizer) optimizer.step(closure);
    expect([...optimizer.grads.w]).toEqual("funcEvals" in optimizer ? [1, 1, 1] : [0, 0, 0]);
  });
});

test("an element of an array of views cannot be replaced", () => {
  const optimizer = sgd([Float32Array.of(1, 2), [3]], { backend: "plain" });
  for (const list of [optimizer.params, optimizer.grads])
    expect(() => Object.assign(list, { 0: Float32Array.of(7, 8) })).toThrow(TypeError);
  expect([...optimizer.params[0]]).toEqual([1, 2]);
});

test("weights to evaluate with are not assigned to", () => {
  const optimizer = scheduleFreeSgd(start());
  optimizer.step({ w: [1, 2, 3], b: [1, 2] });
  optimizer.eval();
  expect(() => Object.assign(optimizer.params, { w: [1, 2, 3] })).toThrow("call train() first");
});
