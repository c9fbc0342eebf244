import { describe, expect, test } from "vitest";
import {
  clamp,
  constant,
  cyclic,
  join,
  linear,
  map,
  noisy,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  registerFunction,
  sample,
  scale,
  scheduleFromJSON,
  shift,
  warmup,
  warmupCosine,
  warmupStableDecay,
} from "../src/index.ts";
import * as schedules from "../src/schedules/index.ts";
import { type Expectation, flag, loose, refusals } from "./refusals.ts";

const finite = { range: "a finite number", bad: [NaN, Infinity], type: "a number", wrong: ["1", () => 1] };
const positive = { range: "a finite number > 0", bad: [0, -1, NaN, Infinity], type: "a number" };
const count = { range: "a whole number > 0", bad: [0, 1.5, -3, NaN], type: "a number" };
const whole = { range: "a whole number ≥ 0", bad: [0.5, -3, NaN], type: "a number" };
const fn = { range: "", bad: [], type: "a function", wrong: [1, "f", null] };

function words(...list: readonly string[]): Expectation {
  const range = `one of ${list.map((word) => `"${word}"`).join(", ")}`;
  return { range, bad: ["sawtooth"], type: range, wrong: [2] };
}

const ascending: Expectation = {
  range: "whole numbers ≥ 0 in ascending order",
  bad: [[3, 2], [-1], [1.5]],
  type: "an array of numbers",
  wrong: [3, ["1"]],
};

const expectations: Readonly<Record<string, Expectation>> = {
  value: finite,
  init: finite,
  end: finite,
  min: finite,
  max: finite,
  peak: finite,
  factor: finite,
  lower: finite,
  upper: finite,
  "warmup.from": finite,
  "stepDecay.rate": positive,
  "multiStepDecay.rate": positive,
  "exponentialDecay.rate": positive,
  "inverseTimeDecay.rate": { range: "a finite number ≥ 0", bad: [-1, NaN], type: "a number" },
  power: positive,
  gamma: positive,
  steps: positive,
  peakFactor: positive,
  timescale: positive,
  div: positive,
  finalDiv: positive,
  pct: positive,
  std: positive,
  stepsFactor: { range: "a finite number ≥ 1", bad: [0.5, NaN, Infinity], type: "a number" },
  warmupFraction: { range: "in [0, 1]", bad: [-0.1, 1.1, NaN], type: "a number" },
  "oneCycle.steps": { range: "a whole number > 1", bad: [1, 2.5, NaN], type: "a number" },
  "cosineRestarts.steps": { range: "a finite number ≥ 1", bad: [0, 0.5, NaN, Infinity], type: "a number" },
  "warmupCosine.steps": count,
  "warmup.steps": whole,
  decay: count,
  every: count,
  up: count,
  down: count,
  warmup: whole,
  stable: whole,
  "noisy.from": whole,
  until: whole,
  seed: whole,
  by: { range: "a whole number", bad: [0.5, NaN, Infinity], type: "a number" },
  staircase: flag,
  cycle: flag,
  threePhase: flag,
  inclusive: flag,
  mode: words("triangular", "triangular2", "expRange"),
  scaleOf: words("cycle", "index"),
  scales: words("peak", "height"),
  after: words("hold", "mirror", "zero", "throw"),
  distribution: words("normal", "uniform"),
  "oneCycle.shape": words("cosine", "linear"),
  "piecewiseInterpolate.shape": words("linear", "cosine"),
  "warmupStableDecay.shape": words("linear", "cosine", "1-sqrt", "1-square", "exponential"),
  "warmup.shape": words("linear", "cosine", "1-sqrt"),
  scale: fn,
  fn,
  of: { range: "", bad: [], type: "one of the library's schedules", wrong: [1, null, (k: number) => k] },
  schedules: {
    range: "at least one schedule",
    bad: [[]],
    type: "an array of the library's schedules",
    wrong: [3, [(k: number) => k]],
  },
  milestones: ascending,
  boundaries: ascending,
  values: { range: "finite numbers", bad: [[NaN], [1, Infinity]], type: "an array of numbers", wrong: [3, ["1"]] },
};

describe.each(Object.values(schedules))("$spec.name", ({ spec, make: given }) => {
  const { name, options } = spec;
  const make = loose(given);
  const valid: Readonly<Record<string, unknown>> = {
    value: 1,
    init: 1,
    end: 0,
    rate: 0.5,
    every: 2,
    milestones: [1],
    boundaries: [1],
    values: [1, 2],
    steps: 3,
    min: 0,
    max: 1,
    up: 2,
    peak: 1,
    decay: 2,
    factor: 2,
    by: 1,
    fn: (x: number) => x,
    of: constant({ value: 1 }),
    schedules: [constant({ value: 1 }), constant({ value: 1 })],
  };
  const necessary = Object.fromEntries(
    Object.keys(options)
      .filter((key) => options[key].required)
      .map((key) => [key, valid[key]]),
  );

  test.each(Object.keys(options))("refuses a bad %s, and says why", (key) => {
    const expectation = expectations[`${name}.${key}`] ?? expectations[key];
    for (const { value, error } of refusals(name, key, expectation))
      expect(() => make({ ...necessary, [key]: value })).toThrow(error);
  });

  test.each(Object.keys(necessary))("cannot do without %s", (key) => {
    const type = expectations[`${name}.${key}`]?.type ?? expectations[key].type;
    expect(() => make({ ...necessary, [key]: undefined })).toThrow(
      new TypeError(`${name}: ${key} must be ${type}, got undefined`),
    );
  });

  test("refuses an option that does not exist, and no options", () => {
    expect(() => make({ ...necessary, colour: 3 })).toThrow(
      new TypeError(`${name}: unknown option colour, expected one of ${Object.keys(options).join(", ")}`),
    );
    expect(() => make()).toThrow(new TypeError(`${name}: options must be an object, got undefined`));
  });
});

const one = constant({ value: 1 });

describe("options that do not go together", () => {
  const refused: readonly [string, () => unknown, string][] = [
    [
      "as many boundaries as schedules",
      () => join([one], [3]),
      "join: schedules must be one more than boundaries, got 1 and 1",
    ],
    [
      "as many boundaries as values",
      () => piecewiseConstant({ boundaries: [1], values: [1] }),
      "piecewiseConstant: values must be one more than boundaries, got 1 and 1",
    ],
    [
      "nothing to interpolate between",
      () => piecewiseInterpolate({ boundaries: [], values: [1] }),
      "piecewiseInterpolate: boundaries must end with one > 0",
    ],
    ["min above max", () => clamp(one, { min: 2, max: 1 }), "clamp: min must be ≤ max, got 2 and 1"],
    [
      "a warmup as long as all",
      () => warmupCosine({ peak: 1, warmup: 5, steps: 5 }),
      "warmupCosine: warmup must be less than steps, got 5 and 5",
    ],
    [
      "a warmup to what is no number",
      () =>
        warmup(
          map(() => NaN),
          { steps: 2 },
        ),
      "warmup: of must be finite at index 0, got NaN",
    ],
    [
      "a way up and down of more than all",
      () => oneCycle({ peak: 1, steps: 10, warmupFraction: 0.6, threePhase: true }),
      "oneCycle: warmupFraction must be ≤ 0.5 if threePhase, got 0.6",
    ],
    [
      "an exponential decay to 0",
      () => warmupStableDecay({ peak: 1, decay: 3, shape: "exponential" }),
      'warmupStableDecay: end must have the sign of peak where shape is "exponential", got 0 and 1',
    ],
    [
      "a normal distribution that is hardly ever below pct",
      () => noisy(one, { pct: 0.01 }),
      "noisy: std must be ≤ 10 · pct, got 1 and 0.01",
    ],
  ];

  test.each(refused)("refuses %s", (_, call, message) => {
    expect(call).toThrow(new RangeError(message));
  });

  test("names an argument of its own, not the options around it", () => {
    expect(() => loose(scale)(one)).toThrow(new TypeError("scale: factor must be a number, got undefined"));
    expect(() => loose(shift)((k: number) => k, 1)).toThrow(
      new TypeError("shift: of must be one of the library's schedules, got a function"),
    );
    expect(() => loose(warmup)(one, { steps: 2, form: "linear" })).toThrow(
      new TypeError("warmup: unknown option form, expected one of steps, from, shape, inclusive"),
    );
  });
});

describe('after: "throw"', () => {
  const line = linear({ init: 1, end: 0, steps: 10, after: "throw" });
  const error = new RangeError('linear: k must be at most 10, as after is "throw", got 11');

  test("throws at the first index beyond the last step, called and sampled", () => {
    expect(line(10)).toBe(0);
    expect(() => line(11)).toThrow(error);
    for (const backend of ["wasm", "plain"] as const) {
      expect(sample(line, { count: 11, backend })[10]).toBe(0);
      expect(() => sample(line, { count: 20, backend })).toThrow(error);
    }
  });

  test("does not where a join goes on to another in time", () => {
    expect([...sample(join([line, one], [11]), { count: 3, start: 10 })]).toEqual([0, 1, 1]);
  });
});

describe("functions of the user's", () => {
  test("cannot become JSON without a name", () => {
    const error = new TypeError("toJSON: a function must have been given to registerFunction");
    expect(() => map((k) => k).toJSON()).toThrow(error);
    expect(() => cyclic({ min: 0, max: 1, up: 2, scale: (x) => x }).toJSON()).toThrow(error);
  });

  test("must return numbers", () => {
    const broken = map(loose((k: number) => (k === 3 ? undefined : k)) as (k: number) => number);
    const error = new TypeError("map: the function must return a number, got undefined at k = 3");
    expect(() => broken(3)).toThrow(error);
    expect(() => sample(broken, { count: 9 })).toThrow(error);
  });

  test("have one name, and a name is of one function", () => {
    const f = registerFunction("test: f", (k: number) => k);
    expect(registerFunction("test: f", f)).toBe(f);
    expect(() => registerFunction("test: f", (k: number) => k)).toThrow(
      new RangeError('registerFunction: "test: f" is the name of another function'),
    );
    expect(() => registerFunction("test: g", f)).toThrow(
      new RangeError('registerFunction: the function has a name, "test: f", got "test: g"'),
    );
    expect(() => loose(registerFunction)(1, f)).toThrow(
      new TypeError("registerFunction: name must be a string, got 1"),
    );
    expect(() => loose(registerFunction)("test: h", 1)).toThrow(
      new TypeError("registerFunction: fn must be a function, got 1"),
    );
  });

  test("are not found in JSON under a name that nobody registered", () => {
    for (const fn of ["test: nobody's", "toString", "__proto__", 1, () => 1])
      expect(() => scheduleFromJSON({ schedule: "map", fn })).toThrow(
        /^scheduleFromJSON: a function must be one that registerFunction knows, got /,
      );
  });
});

describe("sample and scheduleFromJSON", () => {
  const refused: readonly [string, () => unknown, Error][] = [
    ["no options", () => loose(sample)(one), new TypeError("sample: options must be an object, got undefined")],
    ["neither count nor out", () => sample(one, {}), new TypeError("sample: count or out must be given, got neither")],
    [
      "a negative count",
      () => sample(one, { count: -1 }),
      new RangeError("sample: count must be a whole number in [0, 4294967295], got -1"),
    ],
    [
      "a count that is too long for out",
      () => sample(one, { count: 3, out: new Float64Array(2) }),
      new RangeError("sample: count must be a whole number in [0, 2], got 3"),
    ],
    [
      "a fractional start",
      () => sample(one, { count: 1, start: 0.5 }),
      new RangeError("sample: start must be a whole number in [0, 9007199254740990], got 0.5"),
    ],
    [
      "text as start",
      () => loose(sample)(one, { count: 1, start: "0" }),
      new TypeError('sample: start must be a number, got "0"'),
    ],
    [
      "another array as out",
      () => loose(sample)(one, { out: new Float32Array(2) }),
      new TypeError("sample: out must be a Float64Array, got a Float32Array"),
    ],
    [
      "a function of yours",
      () => loose(sample)((k: number) => k, { count: 1 }),
      new TypeError("sample: schedule must be one of the library's schedules, got a function"),
    ],
    [
      "an unknown option",
      () => loose(sample)(one, { length: 1 }),
      new TypeError("sample: unknown option length (did you mean count?), expected one of count, start, out, backend"),
    ],
    [
      "an unknown backend",
      () => loose(sample)(one, { count: 1, backend: "gpu" }),
      new RangeError('sample: backend must be one of "auto", "wasm", "plain", got "gpu"'),
    ],
    [
      "JSON of no schedule",
      () => scheduleFromJSON({ schedule: "cosine" }),
      new TypeError(`scheduleFromJSON: schedule must be one of ${Object.keys(schedules).join(", ")}, got "cosine"`),
    ],
    [
      "JSON that is no object",
      () => loose(scheduleFromJSON)("constant"),
      new TypeError('scheduleFromJSON: a schedule must be an object, got "constant"'),
    ],
    [
      "JSON with a bad option",
      () => scheduleFromJSON({ schedule: "constant", value: NaN }),
      new RangeError("constant: value must be a finite number, got NaN"),
    ],
  ];

  test.each(refused)("refuses %s", (_, call, error) => {
    expect(call).toThrow(error);
  });
});
