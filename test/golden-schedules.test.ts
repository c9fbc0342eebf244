/**
 * The schedules, optax's, Keras's and transformers' by their names, against the values that they and pytorch_optimizer list in their tests:
 * to rounding, but for those of which so many digits are printed. torch's are in golden-torch-schedules.test.ts.
 *
 * Left out: pytorch_optimizer's polynomial, which is not normalised and exceeds its maximum.
 */
import { describe, expect, test } from "vitest";
import { cosineDecay, linear, rex, type Schedule, sample, warmup, warmupStableDecay } from "../src/index.ts";
import * as hf from "../src/presets/hf/schedules.ts";
import * as keras from "../src/presets/keras/schedules.ts";
import * as optax from "../src/presets/optax/schedules.ts";
import { backends, expectFirst, ROUNDING, type Row, repeated } from "./golden.ts";

/** transformers': of 10 steps 2 of warmup. */
const training = { numWarmupSteps: 2, numTrainingSteps: 10 };

const schedules: readonly (readonly [source: string, schedule: Schedule, values: Row])[] = [
  // optax: schedules/_schedule_test.py.
  [
    "optax piecewise_constant",
    optax.piecewiseConstantSchedule({ initValue: 0.1, boundariesAndScales: { 3: 2, 6: 0.5 } }),
    [...repeated(3, 0.1), ...repeated(3, 0.2), ...repeated(4, 0.1)],
  ],
  [
    "optax exponential_decay",
    optax.exponentialDecay({ initValue: 32, transitionSteps: 1, decayRate: 0.5 }),
    [32, 16, 8, 4, 2],
  ],
  // Its documented clip, from below for a decay and from above for a growth.
  [
    "optax exponential_decay, end_value",
    optax.exponentialDecay({ initValue: 32, transitionSteps: 1, decayRate: 0.5, endValue: 5 }),
    [32, 16, 8, 5, 5],
  ],
  [
    "optax exponential_decay, growing",
    optax.exponentialDecay({ initValue: 1, transitionSteps: 1, decayRate: 2, endValue: 5 }),
    [1, 2, 4, 5, 5],
  ],
  [
    "optax piecewise_interpolate, linear",
    optax.piecewiseInterpolateSchedule({
      interpolateType: "linear",
      initValue: 200,
      boundariesAndScales: { 5: 1.5, 10: 0.25 },
    }),
    [200, 220, 240, 260, 280, 300, 255, 210, 165, 120, 75, 75, 75],
  ],
  [
    "optax piecewise_interpolate, cosine",
    optax.piecewiseInterpolateSchedule({
      interpolateType: "cosine",
      initValue: 400,
      boundariesAndScales: { 5: 1.2, 3: 0.6, 7: 1 },
    }),
    [400, 360, 280, 240, 264, ...repeated(4, 288)],
  ],
  [
    "optax linear_onecycle",
    optax.linearOnecycleSchedule({
      transitionSteps: 10,
      peakValue: 1000,
      pctStart: 0.3,
      pctFinal: 0.7,
      divFactor: 10,
      finalDivFactor: 100,
    }),
    [100, 400, 700, 1000, 775, 550, 325, 100, 67, 34, 1, 1],
  ],
  [
    "optax cosine_onecycle",
    optax.cosineOnecycleSchedule({
      transitionSteps: 5,
      peakValue: 1000,
      pctStart: 0.4,
      divFactor: 10,
      finalDivFactor: 100,
    }),
    [100, 550, 1000, 750.25, 250.75, 1, 1],
  ],
  // transformers: tests/optimization/test_optimization.py.
  ["HuggingFace linear", hf.getLinearScheduleWithWarmup(10, training), [0, 5, 10, 8.75, 7.5, 6.25, 5, 3.75, 2.5, 1.25]],
  [
    "HuggingFace constant with warmup",
    hf.getConstantScheduleWithWarmup(10, { numWarmupSteps: 4 }),
    [0, 2.5, 5, 7.5, ...repeated(6, 10)],
  ],
];

const straight = { initialLearningRate: 0.05, decaySteps: 10, endLearningRate: 0.001 };
const root = { ...straight, power: 0.5 };
const tenth = { initialLearningRate: 0.1, decayRate: 0.96 };

/** keras/src/optimizers/schedules/learning_rate_schedule_test.py: what each case expects at one index. */
const kerasPoints: readonly (readonly [schedule: Schedule, k: number, value: number])[] = [
  [keras.exponentialDecay({ ...tenth, initialLearningRate: 0.05, decaySteps: 10 }), 5, 0.05 * 0.96 ** 0.5],
  [keras.exponentialDecay({ ...tenth, decaySteps: 3, staircase: true }), 2, 0.1],
  [keras.exponentialDecay({ ...tenth, decaySteps: 3, staircase: true }), 100, 0.1 * 0.96 ** 33],
  [keras.polynomialDecay({ ...straight, endLearningRate: 0 }), 5, 0.025],
  [keras.polynomialDecay(straight), 5, 0.0255],
  [keras.polynomialDecay(straight), 10, 0.001],
  [keras.polynomialDecay(straight), 15, 0.001],
  [keras.polynomialDecay({ ...straight, cycle: true }), 15, 0.049 * 0.25 + 0.001],
  // By its formula, which no case tests: at the end of a cycle the end, not yet the next cycle.
  [keras.polynomialDecay({ ...straight, cycle: true }), 10, 0.001],
  [keras.polynomialDecay({ ...root, endLearningRate: 0 }), 5, 0.05 * Math.SQRT1_2],
  [keras.polynomialDecay(root), 5, 0.049 * Math.SQRT1_2 + 0.001],
  [keras.polynomialDecay({ ...root, cycle: true }), 15, 0.049 * 0.5 + 0.001],
  [keras.polynomialDecay({ initialLearningRate: 0.001, decaySteps: 10, cycle: true }), 0, 0.001],
  [keras.inverseTimeDecay({ ...tenth, decaySteps: 10 }), 7, 0.1 / (1 + 0.7 * 0.96)],
  [keras.inverseTimeDecay({ ...tenth, decaySteps: 10, staircase: true }), 9, 0.1],
  [keras.inverseTimeDecay({ ...tenth, decaySteps: 10, staircase: true }), 10, 0.1 / 1.96],
];

const wsd = { peak: 1e-3, warmup: 2, stable: 2, decay: 3, end: 1e-4 };

/** So many digits after the point as are printed: pytorch_optimizer's tests, from index 0 or the one given on, and transformers'. */
const printed: readonly (readonly [source: string, schedule: Schedule, digits: number, values: Row, start: number])[] =
  [
    [
      "HuggingFace cosine",
      hf.getCosineScheduleWithWarmup(10, training),
      2,
      [0, 5, 10, 9.61, 8.53, 6.91, 5, 3.08, 1.46, 0.38],
      0,
    ],
    [
      "HuggingFace cosine with hard restarts",
      hf.getCosineWithHardRestartsScheduleWithWarmup(10, { ...training, numCycles: 2 }),
      2,
      [0, 5, 10, 8.53, 5, 1.46, 10, 8.53, 5, 1.46],
      0,
    ],
    [
      "HuggingFace polynomial",
      hf.getPolynomialDecayScheduleWithWarmup(10, { ...training, power: 2 }),
      3,
      [0, 5, 10, 7.656, 5.625, 3.906, 2.5, 1.406, 0.625, 0.156],
      0,
    ],
    [
      "pytorch_optimizer WSD, cosine",
      warmupStableDecay({ ...wsd, shape: "cosine" }),
      6,
      [0.0005, 0.001, 0.001, 0.001, 0.000775, 0.000325, 0.0001],
      1,
    ],
    // These leave the floor out while they decay and then jump to it.
    [
      "pytorch_optimizer WSD, 1-sqrt",
      warmupStableDecay({ ...wsd, end: 0, shape: "1-sqrt" }),
      7,
      [0.0004226, 0.0001835],
      5,
    ],
    [
      "pytorch_optimizer WSD, 1-square",
      warmupStableDecay({ ...wsd, end: 0, shape: "1-square" }),
      7,
      [0.0008888, 0.0005555],
      5,
    ],
    ["pytorch_optimizer WSD, linear", warmupStableDecay({ ...wsd, end: 0 }), 7, [0.0006666, 0.0003333], 5],
    ["pytorch_optimizer REX", rex({ init: 1, steps: 5 }), 6, [0.888888, 0.749999, 0.571428, 0.333333, 0], 1],
    [
      "pytorch_optimizer linear",
      warmup(linear({ init: 0.01, end: 0.0001, steps: 5 }), { steps: 5, from: 0.001 }),
      5,
      [0.001, 0.0028, 0.0046, 0.0064, 0.0082, 0.01, 0.00802, 0.00604, 0.00406, 0.00208],
      0,
    ],
    [
      "pytorch_optimizer cosine",
      warmup(cosineDecay({ init: 0.01, end: 0.0001, steps: 5 }), { steps: 5, from: 0.001 }),
      5,
      [0.01, 0.00905, 0.00658, 0.00352, 0.00105],
      5,
    ],
    [
      "pytorch_optimizer warm restarts",
      warmup(cosineDecay({ init: 1e-3, end: 1e-6, steps: 5 }), { steps: 5, from: 1e-6 }),
      6,
      [1e-6, 0.000201, 0.000401, 0.0006, 0.0008, 0.001, 0.000905, 0.000655, 0.000346, 9.6e-5],
      0,
    ],
  ];

describe.each(backends)("schedules on %s", (backend) => {
  test.each(schedules)("%s", (_, schedule, values) => {
    expectFirst(schedule, values, backend);
  });

  test.each(kerasPoints)("Keras %j at %i", (schedule, start, value) => {
    const [actual] = sample(schedule, { start, count: 1, backend });
    expect(Math.abs(actual - value)).toBeLessThanOrEqual(ROUNDING * value);
  });

  test.each(printed)("%s", (_, schedule, digits, values, start) => {
    const actual = sample(schedule, { start, count: values.length, backend });
    // Some are rounded and some cut off.
    values.forEach((value, i) => {
      expect(Math.abs(actual[i] - value), `index ${start + i}`).toBeLessThan(10 ** -digits);
    });
  });

  test("optax warmup_cosine_decay, exponent 2", () => {
    const schedule = optax.warmupCosineDecaySchedule({
      initValue: 0.2,
      peakValue: 1.21,
      warmupSteps: 50,
      decaySteps: 100,
      endValue: -3,
      exponent: 2,
    });
    const values = sample(schedule, { count: 101, backend });
    [0.2, 0.402, 1.21, -1.9475, -3].forEach((value, i) => {
      expect(values[[0, 10, 50, 75, 100][i]]).toBeCloseTo(value, 14);
    });
  });
});
