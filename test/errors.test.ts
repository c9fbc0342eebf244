import { describe, expect, test } from "vitest";
import type { OptionType } from "../src/common/options.ts";
import { commonOptions } from "../src/engine/spec.ts";
import { Arena, adam, adamw, rmsprop, sgd } from "../src/index.ts";
import { all, baseOf } from "./makers.ts";
import { type Expectation, flag, loose, refusals, unknown } from "./refusals.ts";

const nonNegative = { range: "a finite number ≥ 0", bad: [-1e-9, NaN, Infinity] };
const positive = { range: "a finite number > 0", bad: [0, -1, NaN, Infinity] };
const fraction = { range: "in [0, 1)", bad: [-0.1, 1, NaN] };

const expectations: Readonly<Record<string, Expectation>> = {
  lr: nonNegative,
  "ftrl.lr": { range: "a finite number > 0", bad: [0, -1, NaN] },
  "dadaptAdam.eps": positive,
  "dog.eps": positive,
  "dowg.eps": positive,
  repsRel: positive,
  d0: { ...positive, type: "a number", wrong: ["1", () => 1] },
  dCoef: positive,
  growthRate: { range: "> 0", bad: [0, -1, NaN] },
  "prodigy.beta3": { ...fraction, type: "a number", wrong: ["0", () => 0] },
  useBiasCorrection: flag,
  safeguardWarmup: flag,
  hypergradLr: nonNegative,
  l1: nonNegative,
  l2: nonNegative,
  l2Shrinkage: nonNegative,
  beta: nonNegative,
  eps: nonNegative,
  weightDecay: nonNegative,
  momentum: nonNegative,
  lrDecay: nonNegative,
  beta2Decay: { range: "a finite number ≤ 0", bad: [1e-9, NaN, -Infinity] },
  eps1: { ...nonNegative, type: "a number", wrong: ["0", () => 0] },
  eps2: nonNegative,
  d: { range: "a finite number > 0", bad: [0, -1, NaN, Infinity] },
  beta1: fraction,
  beta2: fraction,
  beta3: fraction,
  rho: fraction,
  "rmsprop.alpha": fraction,
  alpha: nonNegative,
  "signum.momentum": fraction,
  "sm3.momentum": fraction,
  "muon.momentum": fraction,
  nsA: { range: "a finite number", bad: [NaN, Infinity, -Infinity] },
  nsB: { range: "a finite number", bad: [NaN, Infinity, -Infinity] },
  nsC: { range: "a finite number", bad: [NaN, Infinity, -Infinity] },
  nsSteps: { range: "a whole number in [1, 99]", bad: [0, 100, 1.5, -1, NaN] },
  adjustLr: {
    range: 'one of "original", "matchRmsAdamw", "spectralUnclamped"',
    bad: ["none"],
    type: 'one of "original", "matchRmsAdamw", "spectralUnclamped"',
    wrong: [1, true],
  },
  useMuon: flag,
  adamLr: nonNegative,
  adamBeta1: fraction,
  adamBeta2: fraction,
  adamEps: nonNegative,
  adamWeightDecay: nonNegative,
  momentumDecay: nonNegative,
  "scheduleFreeSgd.momentum": { range: "in (0, 1)", bad: [0, 1, NaN] },
  "scheduleFreeAdamw.beta1": { range: "in (0, 1)", bad: [0, 1, NaN] },
  warmupSteps: nonNegative,
  r: nonNegative,
  weightLrPower: nonNegative,
  trustCoeff: nonNegative,
  trustClip: flag,
  alwaysAdapt: flag,
  gradAveraging: flag,
  lambd: nonNegative,
  t0: nonNegative,
  minStep: nonNegative,
  maxStep: positive,
  etaMinus: { range: "in (0, 1)", bad: [0, 1, NaN] },
  etaPlus: { range: "in (1, Infinity)", bad: [1, Infinity, NaN] },
  decoupledWeightDecay: flag,
  dampening: { range: "a finite number", bad: [NaN, Infinity, -Infinity] },
  initialAccumulatorValue: { ...nonNegative, type: "a number", wrong: ["0", () => 0] },
  gradScale: positive,
  clipValue: { range: "> 0", bad: [0, -1, NaN] },
  decay: {
    range: 'one of "lr", "schedule", "fixed"',
    bad: ["none"],
    type: 'one of "lr", "schedule", "fixed"',
    wrong: [1, true],
  },
  nesterov: flag,
  centered: flag,
  cautious: flag,
  amsgrad: flag,
  maximize: flag,
  trainable: flag,
  centralize: flag,
  clipAdaptive: { range: "> 0", bad: [0, -1, NaN] },
  clipTensorNorm: { range: "> 0", bad: [0, -1, NaN] },
  gradNoise: nonNegative,
  gradNoiseDecay: nonNegative,
  gradNoiseSeed: { range: "a whole number ≥ 0", bad: [-1, 0.5, NaN], type: "a number", wrong: ["1", () => 1] },
};

describe.each(all)("$spec.name", (factory) => {
  const { name, options } = factory.spec;
  const make = loose(factory);
  const table: Readonly<Record<string, OptionType<unknown>>> = { ...options, ...commonOptions };
  const expected = (key: string) => expectations[`${baseOf(name)}.${key}`] ?? expectations[key];

  test.each(Object.keys(table))("refuses a bad %s, and says why", (key) => {
    for (const { value, error } of refusals(name, key, expected(key)))
      expect(() => make({ w: [2] }, { [key]: value })).toThrow(error);
  });

  const ungrouped = Object.keys(table).filter((key) => table[key].ungrouped);
  const own = Object.keys(table).filter((key) => !table[key].ungrouped);

  test.each(own)("refuses a bad %s in a group", (key) => {
    for (const { value, error } of refusals(name, `groups[0].${key}`, expected(key)))
      expect(() => make({ w: [2], b: [2] }, { groups: [{ match: "w", [key]: value }] })).toThrow(error);
  });

  test.each([...ungrouped, "clipNorm"])("refuses %s in a group, which cannot have its own", (key) => {
    expect(() => make({ w: [2] }, { groups: [{ match: "w", [key]: 1 }] })).toThrow(
      unknown(`${name}: groups[0]`, key, ["match", ...own]),
    );
  });

  test("refuses an option that does not exist, and names those that do", () => {
    const known =
      "gradScale, clipValue, maximize, centralize, clipTensorNorm, clipAdaptive, gradNoise, gradNoiseDecay, gradNoiseSeed, trainable, clipNorm, onNonFinite, inPlace, groups, shapes, dtype, backend, arena";
    expect(() => make({ w: [2] }, { betta1: 0.9 })).toThrow(unknown(name, "betta1", [...Object.keys(options), known]));
  });
});

describe("what concerns every optimizer", () => {
  const make = loose(adam);
  const w = { w: [2] };
  const refused: readonly [string, () => unknown, Error][] = [
    ["options that are null", () => make(w, null), new TypeError("adam: options must be an object, got null")],
    ["options that are a number", () => make(w, 5), new TypeError("adam: options must be an object, got 5")],
    ["options that are an array", () => make(w, []), new TypeError("adam: options must be an object, got []")],
    [
      "a bad option of the optimizer's own while all parameters are in groups",
      () => make(w, { lr: -1, groups: [{ match: "w" }] }),
      new RangeError("adam: lr must be a finite number ≥ 0, got -1"),
    ],
    [
      "a group's schedule",
      () => make(w, { groups: [{ match: "w", lr: () => -1 }] }),
      new RangeError("adam: groups[0].lr must be a finite number ≥ 0, got -1 at step 0"),
    ],
    [
      "more parameters than an arena can hold",
      () => make({ w: [1e6, 1e6] }),
      new RangeError("adam: parameters and state take 16000000000512 bytes, and an arena has at most 4294901760"),
    ],
    [
      "gradients that are null",
      () => loose(adam(w).step.bind(adam(w)))(null),
      new TypeError("adam: gradients must be a record or an array, got null"),
    ],
    [
      "a gradient that is text",
      () => loose((g: { w: number[] }) => adam(w).step(g))({ w: "12" }),
      new TypeError('adam: the gradient of w must be an array of numbers, got "12"'),
    ],
    [
      "a gradient of big integers",
      () => loose((g: { w: number[] }) => adam(w).step(g))({ w: new BigInt64Array(2) }),
      new TypeError("adam: the gradient of w must be an array of numbers, got a BigInt64Array"),
    ],
    [
      "an arena without options",
      () => new (loose(Arena) as unknown as new () => Arena)(),
      new TypeError("arena: options must be an object, got undefined"),
    ],
    [
      "an arena's size as text",
      () => loose((o: { bytes: number }) => new Arena(o))({ bytes: "100" }),
      new TypeError('arena: bytes must be a number, got "100"'),
    ],
    [
      "a clipNorm schedule's text",
      () => make(w, { clipNorm: () => "5" }),
      new TypeError('adam: clipNorm must be a number or a schedule, got "5" at step 0'),
    ],
    ["clipNorm of 0", () => make(w, { clipNorm: 0 }), new RangeError("adam: clipNorm must be > 0, got 0")],
    [
      "clipNorm as text",
      () => make(w, { clipNorm: "1" }),
      new TypeError('adam: clipNorm must be a number or a schedule, got "1"'),
    ],
    [
      "onNonFinite",
      () => make(w, { onNonFinite: "warn" }),
      new RangeError('adam: onNonFinite must be one of "skip", "throw", "ignore", got "warn"'),
    ],
    ["inPlace", () => make(w, { inPlace: 1 }), new TypeError("adam: inPlace must be true or false, got 1")],
    [
      "inPlace for a shape",
      () => make(w, { inPlace: true }),
      new TypeError("adam: inPlace needs typed arrays, got a shape for parameter w"),
    ],
    [
      "shapes that are none",
      () => make({ w: new Float32Array(2) }, { shapes: 3 }),
      new TypeError("adam: shapes must be a record or an array, got 3"),
    ],
    [
      "a shape that is none",
      () => make({ w: new Float32Array(2) }, { shapes: { w: "2" } }),
      new TypeError('adam: shapes.w must be a shape, got "2"'),
    ],
    [
      "a shape of another size",
      () => make({ w: new Float32Array(2) }, { shapes: { w: [2, 2] } }),
      new RangeError("adam: shapes.w must have 2 elements, got [2, 2]"),
    ],
    [
      "a shape for a shape",
      () => make(w, { shapes: { w: [2] } }),
      new TypeError("adam: shapes.w must belong to a parameter given as a typed array, and none is"),
    ],
    ["dtype", () => make(w, { dtype: "f16" }), new RangeError('adam: dtype must be one of "f32", "f64", got "f16"')],
    [
      "backend",
      () => make(w, { backend: "webgl" }),
      new RangeError('adam: backend must be one of "auto", "wasm", "plain", got "webgl"'),
    ],
    ["arena", () => make(w, { arena: {} }), new TypeError("adam: arena must be an Arena, got an object")],
    [
      "arena and backend",
      () => make(w, { arena: new Arena({ bytes: 999, backend: "plain" }), backend: "wasm" }),
      new TypeError('adam: backend cannot be given together with arena, which runs on "plain"'),
    ],
    ["no parameters", () => make({}), new RangeError("adam: there must be at least one parameter, got none")],
    [
      "parameters that are none",
      () => make(3),
      new TypeError("adam: parameters must be a record or an array of shapes or typed arrays, got 3"),
    ],
    [
      "one bare array",
      () => make(new Float32Array(2)),
      new TypeError("adam: parameters must be a record or an array of shapes or typed arrays, got a Float32Array"),
    ],
    [
      "a parameter that is none",
      () => make({ w: "2" }),
      new TypeError('adam: parameter w must be a shape, a Float32Array or a Float64Array, got "2"'),
    ],
    [
      "integers as a parameter",
      () => make({ w: new Int32Array(2) }),
      new TypeError("adam: parameter w must be a shape, a Float32Array or a Float64Array, got an Int32Array"),
    ],
    [
      "a fractional size",
      () => make({ w: [2.5] }),
      new RangeError(
        "adam: parameter w must have sizes that are whole numbers ≥ 0, got [2.5]; initial values come as a Float32Array",
      ),
    ],
    [
      "mixed dtypes",
      () => make({ w: new Float64Array(1), b: new Float32Array(1) }),
      new TypeError("adam: parameter b must be f64 like the others, got a Float32Array"),
    ],
    [
      "another dtype than asked",
      () => make([new Float64Array(1)], { dtype: "f32" }),
      new TypeError("adam: parameter 0 must be f32 like the others, got a Float64Array"),
    ],
    [
      "groups that are no array",
      () => make(w, { groups: {} }),
      new TypeError("adam: groups must be an array, got an object"),
    ],
    [
      "a group that is none",
      () => make(w, { groups: [1] }),
      new TypeError("adam: groups[0] must be an object with match, got 1"),
    ],
    [
      "a group without match",
      () => make(w, { groups: [{ lr: 1 }] }),
      new TypeError("adam: groups[0].match must be a name, a RegExp or a function, got undefined"),
    ],
    [
      "a group that matches nothing",
      () => make(w, { groups: [{ match: "w" }, { match: /w/ }] }),
      new RangeError(
        "adam: groups[1].match must match a parameter that no group before it has, got /w/; the parameters are w",
      ),
    ],
    [
      "nesterov without momentum",
      () => loose(sgd)(w, { nesterov: true }),
      new RangeError("sgd: nesterov needs momentum > 0 and dampening = 0"),
    ],
    [
      "nesterov with dampening",
      () => loose(sgd)(w, { nesterov: true, momentum: 0.9, dampening: 0.1 }),
      new RangeError("sgd: nesterov needs momentum > 0 and dampening = 0"),
    ],
    [
      "nesterov in a group",
      () => loose(sgd)(w, { groups: [{ match: "w", nesterov: true }] }),
      new RangeError("sgd: groups[0]: nesterov needs momentum > 0 and dampening = 0"),
    ],
    [
      "decay by the schedule of an lr that starts at 0",
      () => adamw(w, { lr: (k) => k, decay: "schedule" }),
      new RangeError('adamw: decay "schedule" needs an lr that does not start at 0'),
    ],
    [
      "a schedule's NaN",
      () => adamw(w, { lr: () => NaN }),
      new RangeError("adamw: lr must be a finite number ≥ 0, got NaN at step 0"),
    ],
    [
      "a schedule's text",
      () => loose(rmsprop)(w, { lr: () => "1" }),
      new TypeError('rmsprop: lr must be a number or a schedule, got "1" at step 0'),
    ],
    [
      "a clipNorm schedule's 0",
      () => adam(w, { clipNorm: () => 0 }),
      new RangeError("adam: clipNorm must be > 0, got 0 at step 0"),
    ],
    [
      "a hyper that is none",
      () => loose(adam(w).hyper.bind(adam(w)))("amsgrad"),
      new TypeError("adam: there is no numeric option amsgrad"),
    ],
    [
      "a parameter's state that is none",
      () => loose((x: "w") => adam(w).state(x))("v"),
      new TypeError("adam: there is no parameter v"),
    ],
    [
      "a gradient too many",
      () => loose((g: { w: number[] }) => adam(w).step(g))({ w: [1, 2], b: [1] }),
      new TypeError("adam: a gradient came for b, which is no parameter"),
    ],
    [
      "a gradient too few",
      () => loose((g: { w: number[] }) => adam(w).step(g))({}),
      new TypeError("adam: the gradient of w must be an array of numbers, got undefined"),
    ],
    [
      "a gradient of another length",
      () => adam(w).step({ w: [1, 2, 3] }),
      new RangeError("adam: the gradient of w must have 2 elements, got 3"),
    ],
    [
      "an arena's size",
      () => new Arena({ bytes: 0 }),
      new RangeError("arena: bytes must be a whole number in [1, 4294901760], got 0"),
    ],
    [
      "an arena's option",
      () => loose((o: { bytes: number }) => new Arena(o))({ size: 3 }),
      new TypeError("arena: unknown option size (did you mean bytes?), expected one of bytes, backend"),
    ],
    [
      "an arena's backend",
      () => loose((o: { bytes: number }) => new Arena(o))({ bytes: 3, backend: "gpu" }),
      new RangeError('arena: backend must be one of "auto", "wasm", "plain", got "gpu"'),
    ],
    [
      "a full arena",
      () => adam({ w: [100] }, { arena: new Arena({ bytes: 1024 }) }),
      new RangeError("adam: the arena has no room for 2304 bytes: 1024 of 1024 are left in one piece"),
    ],
  ];

  test.each(refused)("refuses %s", (_, call, error) => {
    expect(call).toThrow(error);
  });

  test("a refused gradient leaves the others alone", () => {
    const optimizer = adam({ a: [1], b: [1] });
    expect(() => optimizer.step({ a: [5], b: [1, 2] })).toThrow(RangeError);
    expect([...optimizer.grads.a]).toEqual([0]);
  });

  test("a full arena is as it was", () => {
    const arena = new Arena({ bytes: 1024 });
    expect(() => adam({ w: [100] }, { arena })).toThrow(RangeError);
    expect(arena.available).toBe(1024);
  });
});
