import { describe, expect, test } from "vitest";
import { constant, sample, scheduleFromJSON } from "../src/index.ts";
import * as schedules from "../src/schedules/index.ts";
import { type Expectation, flag, loose, refusals } from "./refusals.ts";

const finite = { range: "a finite number", bad: [NaN, Infinity], type: "a number", wrong: ["1", () => 1] };
const positive = { range: "a finite number > 0", bad: [0, -1, NaN, Infinity], type: "a number" };
const whole = { range: "a whole number > 0", bad: [0, 1.5, -3, NaN], type: "a number" };

const expectations: Readonly<Record<string, Expectation>> = {
  value: finite,
  init: finite,
  end: finite,
  min: finite,
  max: finite,
  "stepDecay.rate": positive,
  "multiStepDecay.rate": positive,
  "exponentialDecay.rate": positive,
  "inverseTimeDecay.rate": { range: "a finite number ≥ 0", bad: [-1, NaN], type: "a number" },
  power: positive,
  gamma: positive,
  steps: positive,
  every: whole,
  up: whole,
  down: whole,
  staircase: flag,
  cycle: flag,
  mode: {
    range: 'one of "triangular", "triangular2", "expRange"',
    bad: ["sawtooth"],
    type: 'one of "triangular", "triangular2", "expRange"',
    wrong: [2],
  },
  milestones: {
    range: "whole numbers ≥ 0 in ascending order",
    bad: [[3, 2], [-1], [1.5]],
    type: "an array of numbers",
    wrong: [3, ["1"]],
  },
};

describe.each(Object.values(schedules))("$spec.name", (factory) => {
  const { name, options } = factory.spec;
  const make = loose(factory);
  const valid: Readonly<Record<string, unknown>> = {
    value: 1,
    init: 1,
    rate: 0.5,
    every: 2,
    milestones: [1],
    steps: 3,
    min: 0,
    max: 1,
    up: 2,
  };
  const given = Object.fromEntries(
    Object.keys(options)
      .filter((key) => options[key].required)
      .map((key) => [key, valid[key]]),
  );

  test.each(Object.keys(options))("refuses a bad %s, and says why", (key) => {
    const expectation = expectations[`${name}.${key}`] ?? expectations[key];
    for (const { value, error } of refusals(name, key, expectation))
      expect(() => make({ ...given, [key]: value })).toThrow(error);
  });

  test.each(Object.keys(given))("cannot do without %s", (key) => {
    const type = key === "milestones" ? "an array of numbers" : "a number";
    expect(() => make({ ...given, [key]: undefined })).toThrow(
      new TypeError(`${name}: ${key} must be ${type}, got undefined`),
    );
  });

  test("refuses an option that does not exist, and no options", () => {
    expect(() => make({ ...given, warmup: 3 })).toThrow(
      new TypeError(`${name}: unknown option warmup, expected one of ${Object.keys(options).join(", ")}`),
    );
    expect(() => make()).toThrow(new TypeError(`${name}: options must be an object, got undefined`));
  });
});

describe("sample and scheduleFromJSON", () => {
  const one = constant({ value: 1 });
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
      new TypeError("sample: unknown option length, expected one of count, start, out, backend"),
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
