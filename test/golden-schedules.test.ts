/**
 * The schedules against the values that other projects list in their own tests. torch's hold to 1e-5 there; here all hold to
 * rounding but those of which so many digits are printed.
 *
 * Left out: torch's plateau, which follows a metric and is no function of the index; pytorch_optimizer's polynomial, which is not
 * normalised and exceeds its maximum.
 */
import { describe, expect, test } from "vitest";
import {
  constant,
  cosineDecay,
  cosineRestarts,
  cyclic,
  exponentialDecay,
  inverseTimeDecay,
  join,
  linear,
  multiStepDecay,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomialDecay,
  product,
  rex,
  type Schedule,
  sample,
  scale,
  stepDecay,
  warmup,
  warmupCosine,
  warmupStableDecay,
} from "../src/index.ts";
import { backends, type Row } from "./golden.ts";

/** The height of a triangle of 4 up and 4 down, as torch's tests list it. */
const heights = [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0, 0.25, 0.5, 0.75, 1];
const triangular = [1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3];
const triangular2 = [1, 2, 3, 4, 5, 4, 3, 2, 1, 1.5, 2, 2.5, 3, 2.5, 2, 1.5, 1, 1.25, 1.5, 1.75, 2, 1.75];
const expRange = heights.map((x, k) => 1 + x * 4 * 0.9 ** k);
const uneven = [1, 2, 3, 4, 5, 13 / 3, 11 / 3, 3, 7 / 3, 5 / 3, 1];
const uneven2 = [
  ...[1, 3, 5, 13 / 3, 11 / 3, 3, 7 / 3, 5 / 3, 1, 2, 3, 8 / 3, 7 / 3, 2, 5 / 3, 4 / 3],
  ...[1, 1.5, 2, 11 / 6, 10 / 6, 1.5, 8 / 6, 7 / 6],
];
/** CyclicLR's momentum goes the other way: from 5 to 1 where the lr goes from 1 to 5. */
const mirrored = (values: Row): Row => values.map((x) => 6 - x);
const repeated = (count: number, value: number): Row => Array.from({ length: count }, () => value);

/** A schedule that starts at 1 for the base lr of torch's tests. */
const base = (factor: Schedule): Schedule => scale(factor, 0.05);

const schedules: readonly (readonly [source: string, schedule: Schedule, values: Row])[] = [
  // torch: test/optim/test_lrscheduler.py
  [
    "torch StepLR",
    stepDecay({ init: 0.05, rate: 0.1, every: 3 }),
    [...repeated(3, 0.05), ...repeated(3, 0.005), ...repeated(3, 0.0005)],
  ],
  [
    "torch MultiStepLR",
    multiStepDecay({ init: 0.05, rate: 0.1, milestones: [2, 5, 9] }),
    [...repeated(2, 0.05), ...repeated(3, 0.005), ...repeated(4, 0.0005), ...repeated(3, 0.00005)],
  ],
  [
    "torch ConstantLR",
    multiStepDecay({ init: 0.025, rate: 2, milestones: [5] }),
    [...repeated(5, 0.025), ...repeated(5, 0.05)],
  ],
  [
    "torch LinearLR",
    polynomialDecay({ init: 0.025, end: 0.05, steps: 4 }),
    [0.025, 0.03125, 0.0375, 0.04375, ...repeated(6, 0.05)],
  ],
  [
    "torch ExponentialLR",
    exponentialDecay({ init: 0.05, rate: 0.9 }),
    Array.from({ length: 10 }, (_, k) => 0.05 * 0.9 ** k),
  ],
  [
    "torch PolynomialLR under a ConstantLR",
    polynomialDecay({ init: 0.005, steps: 5, power: 0.9 }),
    [...[0, 1, 2, 3, 4].map((k) => 0.005 * (1 - k / 5) ** 0.9), ...repeated(5, 0)],
  ],
  ["torch CyclicLR triangular", cyclic({ min: 1, max: 5, up: 4 }), triangular],
  ["torch CyclicLR triangular, momentum", cyclic({ min: 5, max: 1, up: 4 }), mirrored(triangular)],
  ["torch CyclicLR triangular2", cyclic({ min: 1, max: 5, up: 4, mode: "triangular2" }), triangular2],
  [
    "torch CyclicLR triangular2, momentum",
    cyclic({ min: 5, max: 1, up: 4, mode: "triangular2" }),
    mirrored(triangular2),
  ],
  ["torch CyclicLR exp_range", cyclic({ min: 1, max: 5, up: 4, mode: "expRange", gamma: 0.9 }), expRange],
  [
    "torch CyclicLR exp_range, momentum",
    cyclic({ min: 5, max: 1, up: 4, mode: "expRange", gamma: 0.9 }),
    mirrored(expRange),
  ],
  ["torch CyclicLR 4 up, 6 down", cyclic({ min: 1, max: 5, up: 4, down: 6 }), uneven],
  ["torch CyclicLR 4 up, 6 down, momentum", cyclic({ min: 5, max: 1, up: 4, down: 6 }), mirrored(uneven)],
  [
    "torch CyclicLR triangular2, 2 up, 6 down",
    cyclic({ min: 1, max: 5, up: 2, down: 6, mode: "triangular2" }),
    uneven2,
  ],
  // Where two of torch's act on one optimizer, or a ChainedScheduler runs them, the values are products.
  [
    "torch StepLR and MultiStepLR",
    product([
      base(stepDecay({ init: 1, rate: 0.1, every: 3 })),
      multiStepDecay({ init: 1, rate: 0.1, milestones: [2, 5, 9] }),
    ]),
    [0.05, 0.05, 0.005, 5e-4, 5e-4, 5e-5, 5e-6, 5e-6, 5e-6, 5e-8],
  ],
  [
    "torch StepLR and ConstantLR",
    product([stepDecay({ init: 0.05, rate: 0.1, every: 3 }), piecewiseConstant({ boundaries: [4], values: [0.4, 1] })]),
    [...repeated(3, 0.02), 0.002, ...repeated(2, 0.005), ...repeated(3, 0.0005), 0.00005],
  ],
  [
    "torch StepLR and ExponentialLR",
    product([stepDecay({ init: 0.05, rate: 0.1, every: 3 }), exponentialDecay({ init: 1, rate: 0.9 })]),
    Array.from({ length: 10 }, (_, x) => 0.05 * 0.9 ** x * 0.1 ** Math.floor(x / 3)),
  ],
  [
    "torch LinearLR and ExponentialLR",
    product([base(linear({ init: 0.4, end: 0.9, steps: 4 })), exponentialDecay({ init: 1, rate: 0.9 })]),
    Array.from({ length: 10 }, (_, x) => 0.05 * 0.9 ** x * (x < 4 ? 0.4 + 0.125 * x : 0.9)),
  ],
  [
    "torch ChainedScheduler of LinearLR and MultiStepLR",
    product([
      base(linear({ init: 0.4, end: 1, steps: 3 })),
      multiStepDecay({ init: 1, rate: 0.1, milestones: [4, 8, 10] }),
    ]),
    [0.02, 0.03, 0.04, 0.05, ...repeated(4, 0.005), ...repeated(2, 0.0005)],
  ],
  [
    "torch ChainedScheduler of ExponentialLR, ConstantLR and StepLR",
    product([
      exponentialDecay({ init: 0.05, rate: 0.9 }),
      piecewiseConstant({ boundaries: [4], values: [0.2, 1] }),
      stepDecay({ init: 1, rate: 0.1, every: 3 }),
    ]),
    Array.from({ length: 9 }, (_, x) => (x < 3 ? 0.01 : x < 4 ? 0.001 : x < 6 ? 0.005 : 0.0005) * 0.9 ** x),
  ],
  [
    "torch SequentialLR of ExponentialLR and StepLR",
    join([exponentialDecay({ init: 0.05, rate: 0.8 }), stepDecay({ init: 0.05, rate: 0.1, every: 4 })], [3]),
    [0.05, 0.04, 0.032, ...[0.05, 0.005, 0.0005, 0.00005].flatMap((lr) => repeated(4, lr))],
  ],
  [
    "torch SequentialLR of ConstantLR and ExponentialLR",
    join([constant({ value: 0.005 }), exponentialDecay({ init: 0.05, rate: 0.9 })], [3]),
    [...repeated(3, 0.005), ...Array.from({ length: 10 }, (_, x) => 0.05 * 0.9 ** x)],
  ],
  [
    "torch SequentialLR of three",
    join(
      [
        constant({ value: 0.005 }),
        exponentialDecay({ init: 0.05, rate: 0.8 }),
        stepDecay({ init: 0.05, rate: 0.1, every: 2 }),
      ],
      [3, 6],
    ),
    [...repeated(3, 0.005), 0.05, 0.04, 0.032, 0.05, 0.05, 0.005, 0.005, 0.0005, 0.0005],
  ],
  [
    "torch SequentialLR of two LinearLR, lr 2",
    scale(join([linear({ init: 0.1, end: 0.8, steps: 4 }), linear({ init: 0.8, end: 0.1, steps: 4 })], [4]), 2),
    [0.2, 0.55, 0.9, 1.25, 1.6, 1.25, 0.9, 0.55],
  ],
  [
    "torch OneCycleLR",
    oneCycle({ peak: 25, steps: 10, finalDiv: 2, shape: "linear" }),
    [1, 13, 25, 21.5, 18, 14.5, 11, 7.5, 4, 0.5],
  ],
  [
    "torch OneCycleLR, momentum",
    piecewiseInterpolate({ boundaries: [2, 9], values: [22, 1, 22] }),
    [22, 11.5, 1, 4, 7, 10, 13, 16, 19, 22],
  ],
  [
    "torch OneCycleLR, three phases",
    oneCycle({ peak: 25, steps: 10, warmupFraction: 0.4, finalDiv: 4, threePhase: true, shape: "linear" }),
    [1, 9, 17, 25, 17, 9, 1, 0.75, 0.5, 0.25],
  ],
  [
    "torch OneCycleLR, three phases, momentum",
    piecewiseInterpolate({ boundaries: [3, 6, 9], values: [22, 1, 22, 22] }),
    [22, 15, 8, 1, 8, 15, 22, 22, 22, 22],
  ],
  // optax: schedules/_schedule_test.py. Its factors are multiplied up.
  [
    "optax piecewise_constant",
    piecewiseConstant({ boundaries: [3, 6], values: [0.1, 0.2, 0.1] }),
    [...repeated(3, 0.1), ...repeated(3, 0.2), ...repeated(4, 0.1)],
  ],
  ["optax exponential_decay", exponentialDecay({ init: 32, rate: 0.5 }), [32, 16, 8, 4, 2]],
  // Its documented clip, from below for a decay and from above for a growth.
  ["optax exponential_decay, end_value", exponentialDecay({ init: 32, rate: 0.5, end: 5 }), [32, 16, 8, 5, 5]],
  ["optax exponential_decay, growing", exponentialDecay({ init: 1, rate: 2, end: 5 }), [1, 2, 4, 5, 5]],
  [
    "optax piecewise_interpolate, linear",
    piecewiseInterpolate({ boundaries: [5, 10], values: [200, 300, 75] }),
    [200, 220, 240, 260, 280, 300, 255, 210, 165, 120, 75, 75, 75],
  ],
  [
    "optax piecewise_interpolate, cosine",
    piecewiseInterpolate({ boundaries: [3, 5, 7], values: [400, 240, 288, 288], shape: "cosine" }),
    [400, 360, 280, 240, 264, ...repeated(4, 288)],
  ],
  [
    "optax linear_onecycle",
    piecewiseInterpolate({ boundaries: [3, 7, 10], values: [100, 1000, 100, 1] }),
    [100, 400, 700, 1000, 775, 550, 325, 100, 67, 34, 1, 1],
  ],
  [
    "optax cosine_onecycle",
    piecewiseInterpolate({ boundaries: [2, 5], values: [100, 1000, 1], shape: "cosine" }),
    [100, 550, 1000, 750.25, 250.75, 1, 1],
  ],
  // transformers: tests/optimization/test_optimization.py, lr 10, 2 of 10 steps of warmup.
  [
    "HuggingFace linear",
    warmup(linear({ init: 10, end: 0, steps: 8 }), { steps: 2 }),
    [0, 5, 10, 8.75, 7.5, 6.25, 5, 3.75, 2.5, 1.25],
  ],
  [
    "HuggingFace constant with warmup",
    warmup(constant({ value: 10 }), { steps: 4 }),
    [0, 2.5, 5, 7.5, ...repeated(6, 10)],
  ],
];

const straight = { init: 0.05, end: 0.001, steps: 10 };
const root = { ...straight, power: 0.5 };

/** keras/src/optimizers/schedules/learning_rate_schedule_test.py: what each case expects at one index. */
const kerasPoints: readonly (readonly [schedule: Schedule, k: number, value: number])[] = [
  [exponentialDecay({ init: 0.05, rate: 0.96, steps: 10 }), 5, 0.05 * 0.96 ** 0.5],
  [exponentialDecay({ init: 0.1, rate: 0.96, steps: 3, staircase: true }), 2, 0.1],
  [exponentialDecay({ init: 0.1, rate: 0.96, steps: 3, staircase: true }), 100, 0.1 * 0.96 ** 33],
  [polynomialDecay({ ...straight, end: 0 }), 5, 0.025],
  [polynomialDecay(straight), 5, 0.0255],
  [polynomialDecay(straight), 10, 0.001],
  [polynomialDecay(straight), 15, 0.001],
  [polynomialDecay({ ...straight, cycle: true }), 15, 0.049 * 0.25 + 0.001],
  // By its formula, which no case tests: at the end of a cycle the end, not yet the next cycle.
  [polynomialDecay({ ...straight, cycle: true }), 10, 0.001],
  [polynomialDecay({ ...root, end: 0 }), 5, 0.05 * Math.SQRT1_2],
  [polynomialDecay(root), 5, 0.049 * Math.SQRT1_2 + 0.001],
  [polynomialDecay({ ...root, cycle: true }), 15, 0.049 * 0.5 + 0.001],
  [polynomialDecay({ init: 0.001, end: 1e-4, steps: 10, cycle: true }), 0, 0.001],
  [inverseTimeDecay({ init: 0.1, rate: 0.96, steps: 10 }), 7, 0.1 / (1 + 0.7 * 0.96)],
  [inverseTimeDecay({ init: 0.1, rate: 0.96, steps: 10, staircase: true }), 9, 0.1],
  [inverseTimeDecay({ init: 0.1, rate: 0.96, steps: 10, staircase: true }), 10, 0.1 / 1.96],
];

const wsd = { peak: 1e-3, warmup: 2, stable: 2, decay: 3, end: 1e-4 };

/** So many digits after the point as are printed: pytorch_optimizer's tests, from index 0 or the one given on, and transformers'. */
const printed: readonly (readonly [source: string, schedule: Schedule, digits: number, values: Row, start: number])[] =
  [
    [
      "HuggingFace cosine",
      warmupCosine({ peak: 10, warmup: 2, steps: 10 }),
      2,
      [0, 5, 10, 9.61, 8.53, 6.91, 5, 3.08, 1.46, 0.38],
      0,
    ],
    [
      "HuggingFace cosine with hard restarts",
      warmup(cosineRestarts({ init: 10, steps: 4 }), { steps: 2 }),
      2,
      [0, 5, 10, 8.53, 5, 1.46, 10, 8.53, 5, 1.46],
      0,
    ],
    [
      "HuggingFace polynomial",
      warmup(polynomialDecay({ init: 10, end: 1e-7, steps: 8, power: 2 }), { steps: 2 }),
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

/** T_mult, an epoch, where it is in its cycle, and how long that is. */
const positions: readonly (readonly [number, number, number, number])[] = [
  [1, 5, 5, 10],
  [1, 12, 2, 10],
  [1, 27, 7, 10],
  [1, 13, 3, 10],
  [2, 25, 15, 20],
  [2, 32, 2, 40],
  [2, 80, 10, 80],
  [3, 17.5, 7.5, 30],
  [3, 50, 10, 90],
];

/** Largest relative error measured: 6.7e-16. */
const ROUNDING = 1e-15;

describe.each(backends)("schedules on %s", (backend) => {
  test.each(schedules)("%s", (_, schedule, values) => {
    const actual = sample(schedule, { count: values.length, backend });
    values.forEach((value, k) => {
      expect(Math.abs(actual[k] - value), `index ${k}`).toBeLessThanOrEqual(ROUNDING * value);
    });
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
    const schedule = warmup(cosineDecay({ init: 1.21, end: -3, steps: 50, power: 2 }), { steps: 50, from: 0.2 });
    const values = sample(schedule, { count: 101, backend });
    [0.2, 0.402, 1.21, -1.9475, -3].forEach((value, i) => {
      expect(values[[0, 10, 50, 75, 100][i]]).toBeCloseTo(value, 14);
    });
  });

  test.each(positions)(
    "torch CosineAnnealingWarmRestarts, T_mult %i: index %d is at %d of %i",
    (stepsFactor, k, position, length) => {
      const schedule = cosineRestarts({ init: 0.05, end: 1e-10, steps: 10, stepsFactor });
      const expected = 1e-10 + (0.05 - 1e-10) * (0.5 + 0.5 * Math.cos((Math.PI * position) / length));
      expect(schedule(k)).toBeCloseTo(expected, 16);
      // An index that is not whole can be called for, not sampled.
      if (Number.isInteger(k)) expect(sample(schedule, { start: k, count: 1, backend })[0]).toBe(schedule(k));
    },
  );
});
