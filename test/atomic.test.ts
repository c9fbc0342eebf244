/** What is refused has changed nothing, whichever class refuses it and whatever the caller's functions do in the middle. */
import { describe, expect, test } from "vitest";
import { Arena, ema, type Lbfgs, lbfgs, lookahead, lrRangeTest, type Optimizer, sam, swa } from "../src/index.ts";
import { all as makers } from "./makers.ts";
import { loose } from "./refusals.ts";

type Lr = number | ((k: number) => number) | undefined;
type Floats = Float32Array | Float64Array;
type Given = Readonly<Record<string, Floats | readonly number[]>>;

/** What optimizers and lbfgs have in common. */
interface Any {
  readonly params: Record<string, Floats>;
  readonly grads: Record<string, Floats>;
  readonly stepCount: number;
  get lr(): number;
  set lr(lr: Lr);
  readonly dtype: Optimizer["dtype"];
  readonly backend: Optimizer["backend"];
  readonly weights: Optimizer["weights"];
  save(): unknown;
  load(saved: never): void;
  zeroGrad(): void;
  dispose(): void;
}

const optimizers = makers.map((maker) => ({
  name: maker.spec.name,
  make: (params: Given, options: object = {}) =>
    loose(maker)(params, "arena" in options ? options : { backend: "plain", ...options }) as Any & Optimizer<Given>,
  step: (optimizer: Any) => {
    fill(optimizer);
    (optimizer as unknown as Optimizer).step();
  },
  bare: (optimizer: Any) => (optimizer as unknown as Optimizer).step(),
}));
const withLbfgs = [
  ...optimizers,
  {
    name: "lbfgs",
    make: (params: Given, options: object = {}) =>
      loose(lbfgs)(params, "arena" in options ? options : { backend: "plain", ...options }) as Any,
    bare: (optimizer: Any) => (optimizer as unknown as Lbfgs).step(() => 0),
    step: (optimizer: Any) => {
      (optimizer as unknown as Lbfgs).step(() => {
        fill(optimizer);
        return Object.values(optimizer.params)
          .flatMap((p) => [...p])
          .reduce((sum, x) => sum + (x * x) / 4 + x / 10, 0);
      });
    },
  },
];
type Kind = (typeof withLbfgs)[number];

/** One of each way that leads through a step: with and without state, turned to evaluate, surveyed, by matrices, in stages. */
const some = ["sgd", "adam", "scheduleFreeAdamw", "prodigy", "muon", "lamb", "lbfgs"];
const few = <K extends { readonly name: string }>(kinds: readonly K[]) =>
  kinds.filter(({ name }) => some.includes(name));

const start = () => ({ w: Float32Array.of(1, -2, 3), b: Float32Array.of(0.5, 4) });

function fill({ params, grads }: Pick<Any, "params" | "grads">): void {
  for (const [key, p] of Object.entries(params)) grads[key].set(p.map((x) => x / 2 + 0.1));
}

/** Of ES2024. */
type Resizable = ArrayBuffer & { resize(bytes: number): void };
const resizable = (bytes: number): Resizable =>
  Reflect.construct(ArrayBuffer, [bytes, { maxByteLength: 64 }]) as Resizable;

/** All that can be seen of an optimizer. */
const stateOf = (optimizer: Any) => structuredClone({ saved: optimizer.save(), grads: { ...optimizer.grads } });

/** That `act` throws and nothing has changed, also not in the steps to come. */
function expectRefused({ make, step }: Kind, options: object, act: (optimizer: Any) => unknown, message: RegExp): void {
  const [refused, twin] = [0, 1].map(() => make(start(), options));
  for (const optimizer of [refused, twin]) for (let t = 0; t < 3; t++) step(optimizer);
  const before = stateOf(refused);
  const { lr } = refused;
  expect(() => act(refused)).toThrow(message);
  expect(stateOf(refused)).toEqual(before);
  expect(refused.lr).toBe(lr);
  for (const optimizer of [refused, twin]) step(optimizer);
  expect(stateOf(refused)).toEqual(stateOf(twin));
}

describe.each(withLbfgs)("$name: a setter of lr", (kind) => {
  test.each<[string, unknown]>([
    ["a number out of range", -1],
    ["a schedule out of range", () => -1],
    ["NaN", () => Number.NaN],
    ["no number", () => undefined],
    ["no lr at all", "1"],
  ])("%s leaves all as it was", (_, lr) => {
    expectRefused(kind, {}, (optimizer) => Object.assign(optimizer, { lr }), /lr must be/);
  });

  test("a schedule that throws leaves all as it was", () => {
    const lr = () => {
      throw new Error("no rate");
    };
    expectRefused(kind, {}, (optimizer) => Object.assign(optimizer, { lr }), /no rate/);
  });

  test("undefined, back to an option that has no value any more, leaves all as it was", () => {
    const lr = (k: number) => (k < 2 ? 0.5 : -1);
    const options = { lr };
    const optimizer = kind.make(start(), options);
    kind.step(optimizer);
    kind.step(optimizer);
    optimizer.lr = 0.25;
    kind.step(optimizer);
    expect(() => {
      optimizer.lr = undefined;
    }).toThrow(/lr must be/);
    kind.step(optimizer);
    expect(optimizer.lr).toBe(0.25);
  });

  test("asks a schedule at the next step first, and lr reads what that will use", () => {
    const optimizer = kind.make(start());
    for (let t = 0; t < 3; t++) kind.step(optimizer);
    const asked: number[] = [];
    optimizer.lr = (k) => {
      asked.push(k);
      return [0.5, 0.25][k - 3];
    };
    expect(optimizer.lr).toBe(0.5);
    expect([...new Set(asked)]).toEqual([3]);
    kind.step(optimizer);
    optimizer.lr = 0.125;
    expect(optimizer.lr).toBe(0.125);
  });

  test("a schedule that calls the optimizer is refused", () => {
    const acts: ((o: Any) => unknown)[] = [
      (o) => kind.bare(o),
      (o) => o.dispose(),
      (o) => o.zeroGrad(),
      (o) => o.load(o.save() as never),
      (o) => Object.assign(o, { lr: 1 }),
      (o) => Object.assign(o.params, { w: [1, 1, 1] }),
      (o) => Object.assign(o.grads, { w: [1, 1, 1] }),
    ];
    for (const act of acts) {
      const lr = (o: Any) => () => {
        act(o);
        return 1;
      };
      expectRefused(kind, {}, (o) => Object.assign(o, { lr: lr(o) }), /a step is under way/);
    }
  });
});

const inside: [string, (o: Any & Optimizer<Given>) => unknown][] = [
  ["step", (o) => o.step()],
  ["step(grads)", (o) => o.step({ w: [1, 2, 3], b: [4, 5] })],
  ["eval", (o) => o.eval()],
  ["train", (o) => o.train()],
  ["load", (o) => o.load(saved)],
  ["save", (o) => o.save()],
  ["zeroGrad", (o) => o.zeroGrad()],
  ["dispose", (o) => o.dispose()],
  ["lr =", (o) => Object.assign(o, { lr: 0.5 })],
  ["params.w =", (o) => Object.assign(o.params, { w: [1, 2, 3] })],
  ["grads.w =", (o) => Object.assign(o.grads, { w: [1, 2, 3] })],
  ["sam", (o) => sam(o).step(() => 0)],
  ["lrRangeTest", (o) => lrRangeTest(o as unknown as Optimizer, () => 0)],
  ["ema", (o) => ema(o)],
];
const saved = optimizers[0].make(start()).save() as never;

describe.each(inside)("a function of the caller's, in a step, that calls %s", (_, act) => {
  test.each(few(optimizers))("$name refuses it", (kind) => {
    let within: unknown;
    const momentum = () => {
      if (within) act(within as never);
      return 0.5;
    };
    const options = { lr: () => (within === undefined ? 0.1 : momentum()), clipNorm: () => 2 * momentum() };
    // A schedule
    const step = (o: Any) => {
      within = o;
      try {
        (o as Any & Optimizer<Given>).step({ w: [1, 2, 3], b: [4, 5] });
      } finally {
        within = undefined;
      }
    };
    expectRefused(kind, options, step, /a step is under way/);
    // A getter of the gradients' record
    const read = (o: Any) =>
      (o as Any & Optimizer<Given>).step({
        get w() {
          act(o as never);
          return [1, 2, 3];
        },
        b: [1, 2],
      });
    expectRefused(kind, {}, read, /a step is under way/);
    // An element
    const element = (o: Any) => {
      const w = Object.defineProperty([1, 2, 3], 1, { get: () => act(o as never) });
      (o as Any & Optimizer<Given>).step({ w, b: [1, 2] });
    };
    expectRefused(kind, {}, element, /a step is under way/);
  });
});

describe.each(optimizers)("$name: a function of the caller's, in a step", (kind) => {
  test("that takes away a gradient after it was read, or throws, changes nothing", () => {
    const w = Float32Array.of(1, 2, 3);
    const taking = (o: Any) =>
      (o as Any & Optimizer<Given>).step({
        w,
        get b() {
          structuredClone(w, { transfer: [w.buffer] });
          return [1, 2];
        },
      });
    expectRefused(kind, {}, taking, /the gradient of w must have 3 elements, got 0/);
    const throwing = (o: Any) =>
      (o as Any & Optimizer<Given>).step({
        w: [1, 2, 3],
        get b(): number[] {
          throw new Error("no gradient");
        },
      });
    expectRefused(kind, {}, throwing, /no gradient/);
  });
});

describe.each(withLbfgs)("$name: a constructor that throws", ({ name, make }) => {
  const detached = (): Float32Array => {
    const x = Float32Array.of(1, 2, 3);
    structuredClone(x, { transfer: [x.buffer] });
    return x;
  };
  const throwing = () => {
    throw new Error("thrown");
  };
  const cases: [string, Given, object][] = [
    ["a detached array", { w: detached() }, {}],
    ["an lr out of range", start(), { lr: () => -1 }],
    ["an lr that throws", start(), { lr: throwing }],
    ["no room", { w: [100_000] }, {}],
    ["a shape with inPlace", { w: [3] }, { inPlace: true }],
    ["an unknown option", start(), { what: 1 }],
    ...(name === "lbfgs"
      ? []
      : [
          ["a match that throws", start(), { groups: [{ match: throwing }] }] as [string, Given, object],
          ["a clipNorm that throws", start(), { clipNorm: throwing }] as [string, Given, object],
        ]),
  ];
  test.each(cases)("%s: the arena is as it was", (_, params, options) => {
    const arena = new Arena({ bytes: 100_000, backend: "plain" });
    const before = arena.available;
    expect(() => make(params, { arena, ...options })).toThrow(/^(\w|\.|-)+: |^thrown$/);
    expect(arena.available).toBe(before);
  });

  test("an array that a function of the caller's takes away meanwhile", () => {
    const arena = new Arena({ bytes: 100_000, backend: "plain" });
    const before = arena.available;
    const w = Float32Array.of(1, 2, 3);
    const lr = () => {
      if (w.length > 0) structuredClone(w, { transfer: [w.buffer] });
      return 0.1;
    };
    expect(() => make({ w }, { arena, lr })).toThrow(/parameter w must keep its 3 elements, and has 0/);
    expect(arena.available).toBe(before);
  });

  test("an array that follows a buffer's length", () => {
    const buffer = resizable(12);
    const w = new Float32Array(buffer);
    const arena = new Arena({ bytes: 100_000, backend: "plain" });
    const before = arena.available;
    const grow = () => {
      buffer.resize(16);
      return 0.1;
    };
    expect(() => make({ w }, { arena, lr: grow })).toThrow(/parameter w must keep its 3 elements, and has 4/);
    expect(arena.available).toBe(before);
    expect(make({ w }, { arena }).params.w).toHaveLength(4);
  });

  test("an array in memory that the arena has free", () => {
    const arena = new Arena({ bytes: 100_000, backend: "plain" });
    const before = arena.available;
    const gone = make(start(), { arena });
    const { w } = gone.params;
    gone.dispose();
    expect(() => make({ w }, { arena })).toThrow(/parameter w must not lie in free memory of the arena/);
    expect(arena.available).toBe(before);
  });
});

test("wrappers that throw leave the arena as it was", () => {
  const optimizer = optimizers[0].make({ w: [1000] });
  const arena = new Arena({ bytes: 6400, backend: "plain" });
  for (const make of [ema, swa, lookahead]) {
    expect(() => make(optimizer, { arena })).toThrow(/the arena has no room/);
    expect(arena.available).toBe(6400);
  }
  optimizer.dispose();
  for (const make of [ema, swa, lookahead, sam])
    expect(() => loose(make)(optimizer, make === sam ? {} : { arena })).toThrow(/this optimizer is disposed/);
  expect(arena.available).toBe(6400);
});

describe.each(few(withLbfgs))("$name: inPlace", (kind) => {
  const options = { inPlace: true };

  /** All that writes back. */
  const acts: [string, (o: Any) => (o: Any) => unknown][] = [
    ["step", () => kind.step],
    [
      "load",
      (o) =>
        (
          (saved) => () =>
            o.load(saved as never)
        )(o.save()),
    ],
    ["params.b =", () => (o) => Object.assign(o.params, { b: [1, 2] })],
    [
      "swap",
      (o) =>
        (
          (average) => () =>
            average.swap()
        )(ema(o)),
    ],
    [
      "lookahead",
      (o) =>
        (
          (ahead) => () =>
            ahead.update()
        )(lookahead(o, { every: 1 })),
    ],
    ...(kind.name === "lbfgs"
      ? []
      : ([
          [
            "sam",
            (o) =>
              (
                (around) => () =>
                  around.step(() => fill(o))
              )(sam(o as never)),
          ],
          ["lrRangeTest", () => (o) => lrRangeTest(o as never, () => 1)],
          ["step(grads)", () => (o) => (o as never as Optimizer<Given>).step({ w: [1, 2, 3], b: [1, 2] })],
        ] as [string, (o: Any) => (o: Any) => unknown][])),
    ...(/schedule-?free/i.test(kind.name)
      ? ([["eval", () => (o) => (o as never as Optimizer).eval()]] as [string, (o: Any) => (o: Any) => unknown][])
      : []),
  ];

  test.each(acts)("%s is refused when an array is detached or has shrunk, and nothing has changed", (_, prepare) => {
    const away = [
      (w: Float32Array) => structuredClone(w, { transfer: [w.buffer] }),
      (w: Float32Array) => (w.buffer as Resizable).resize(8),
      (w: Float32Array) => (w.buffer as Resizable).resize(16),
    ];
    for (const take of away) {
      const w = new Float32Array(resizable(12));
      w.set([1, -2, 3]);
      const { b } = start();
      const optimizer = kind.make({ w, b }, options);
      kind.step(optimizer);
      fill(optimizer);
      const act = prepare(optimizer);
      take(w);
      const before = stateOf(optimizer);
      const theirs = b.slice();
      expect(() => act(optimizer)).toThrow(/the array given as parameter w must keep its 3 elements, and has [024]/);
      expect(stateOf(optimizer)).toEqual(before);
      expect(b).toEqual(theirs);
    }
  });

  test("two keys for the same memory are refused by name", () => {
    const x = new Float32Array(10);
    const whole = { a: x, n: new Float32Array(3), z: x };
    expect(() => kind.make(whole, options)).toThrow(/a and z do: tied weights are one parameter/);
    const parts = { a: x.subarray(0, 6), n: new Float32Array(3), z: x.subarray(5) };
    expect(() => kind.make(parts, options)).toThrow(/a and z do: tied weights are one parameter/);
    expect(() => kind.make({ z: x.subarray(5), a: x.subarray(0, 6) }, options)).toThrow(/a and z do/);
    kind.make(parts);
    kind.make({ a: x.subarray(0, 5), z: x.subarray(5), none: x.subarray(3, 3) }, options);
  });

  test("an array without elements may come and go", () => {
    const none = new Float32Array(0);
    const optimizer = kind.make({ ...start(), none }, options);
    structuredClone(none, { transfer: [none.buffer] });
    kind.step(optimizer);
    expect(optimizer.stepCount).toBe(1);
  });
});

test.each([1, 2, 3])("lbfgs: an array that its closure takes away at call %i", (call) => {
  const theirs = start();
  const optimizer = lbfgs(theirs, { inPlace: true });
  const before = structuredClone(theirs);
  let calls = 0;
  const closure = () => {
    fill(optimizer);
    if (++calls === call) structuredClone(theirs.b, { transfer: [theirs.b.buffer] });
    return 1 / calls;
  };
  expect(() => optimizer.step(closure)).toThrow("lbfgs: the array given as parameter b must keep its 2 elements");
  expect(calls).toBe(call);
  if (call === 1) expect({ ...optimizer.params }).toEqual(before);
  expect(theirs.w).toEqual(optimizer.params.w);
  expect(() => optimizer.step(closure)).toThrow("must keep its 2 elements");
  expect(calls).toBe(call);
});

test("sam: an array that its closure takes away", () => {
  const theirs = start();
  const optimizer = optimizers[0].make(theirs, { inPlace: true });
  const before = stateOf(optimizer);
  const closure = () => {
    if (theirs.b.length > 0) structuredClone(theirs.b, { transfer: [theirs.b.buffer] });
  };
  expect(() => sam(optimizer).step(closure)).toThrow("must keep its 2 elements");
  expect(stateOf(optimizer)).toEqual(before);
  expect(theirs.w).toEqual(start().w);
});
