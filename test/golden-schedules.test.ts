/**
 * The schedules against the numbers that other projects print in their own tests.
 *
 * Left out, because these definitions cannot give them:
 * - torch's plateau, one-cycle, cosine, sequential and chained schedulers, and two schedulers on one optimizer: no
 *   such schedule and no combinator is here yet; for the same reason optax's cosine and warmup rows;
 * - optax's piecewise_constant, whose scales differ from boundary to boundary, and Keras's PiecewiseConstantDecay,
 *   which takes any values and changes one index later.
 */
import { describe, expect, test } from "vitest";
import {
  cyclic,
  exponentialDecay,
  inverseTimeDecay,
  multiStepDecay,
  polynomialDecay,
  type Schedule,
  sample,
  stepDecay,
} from "../src/index.ts";
import { backends, expectDigits, type Row } from "./golden.ts";

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
const repeat = (count: number, value: number): Row => Array.from({ length: count }, () => value);

const schedules: readonly (readonly [source: string, schedule: Schedule, values: Row])[] = [
  // torch: test/optim/test_lrscheduler.py
  [
    "torch StepLR",
    stepDecay({ init: 0.05, rate: 0.1, every: 3 }),
    [...repeat(3, 0.05), ...repeat(3, 0.005), ...repeat(3, 0.0005)],
  ],
  [
    "torch MultiStepLR",
    multiStepDecay({ init: 0.05, rate: 0.1, milestones: [2, 5, 9] }),
    [...repeat(2, 0.05), ...repeat(3, 0.005), ...repeat(4, 0.0005), ...repeat(3, 0.00005)],
  ],
  [
    "torch ConstantLR",
    multiStepDecay({ init: 0.025, rate: 2, milestones: [5] }),
    [...repeat(5, 0.025), ...repeat(5, 0.05)],
  ],
  [
    "torch LinearLR",
    polynomialDecay({ init: 0.025, end: 0.05, steps: 4 }),
    [0.025, 0.03125, 0.0375, 0.04375, ...repeat(6, 0.05)],
  ],
  [
    "torch ExponentialLR",
    exponentialDecay({ init: 0.05, rate: 0.9 }),
    Array.from({ length: 10 }, (_, k) => 0.05 * 0.9 ** k),
  ],
  [
    "torch PolynomialLR under a ConstantLR",
    polynomialDecay({ init: 0.005, steps: 5, power: 0.9 }),
    [...[0, 1, 2, 3, 4].map((k) => 0.005 * (1 - k / 5) ** 0.9), ...repeat(5, 0)],
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
  // optax: schedules/_schedule_test.py; the pieces of a piecewise one stand by themselves.
  ["optax exponential_decay", exponentialDecay({ init: 32, rate: 0.5 }), [32, 16, 8, 4, 2]],
  // Its documented clip, from below for a decay and from above for a growth.
  ["optax exponential_decay, end_value", exponentialDecay({ init: 32, rate: 0.5, end: 5 }), [32, 16, 8, 5, 5]],
  ["optax exponential_decay, growing", exponentialDecay({ init: 1, rate: 2, end: 5 }), [1, 2, 4, 5, 5]],
  [
    "optax piecewise_interpolate, first piece",
    polynomialDecay({ init: 200, end: 300, steps: 5 }),
    [200, 220, 240, 260, 280, 300],
  ],
  [
    "optax piecewise_interpolate, second piece",
    polynomialDecay({ init: 300, end: 75, steps: 5 }),
    [300, 255, 210, 165, 120, 75, 75, 75],
  ],
  ["optax linear_onecycle, up", polynomialDecay({ init: 100, end: 1000, steps: 3 }), [100, 400, 700, 1000]],
  ["optax linear_onecycle, down", polynomialDecay({ init: 1000, end: 100, steps: 4 }), [1000, 775, 550, 325, 100]],
  ["optax linear_onecycle, out", polynomialDecay({ init: 100, end: 1, steps: 3 }), [100, 67, 34, 1, 1]],
  // transformers: tests/optimization/test_optimization.py, after the warmup.
  ["HuggingFace linear", polynomialDecay({ init: 10, steps: 8 }), [10, 8.75, 7.5, 6.25, 5, 3.75, 2.5, 1.25]],
];

const linear = { init: 0.05, end: 0.001, steps: 10 };
const root = { ...linear, power: 0.5 };

/** keras/src/optimizers/schedules/learning_rate_schedule_test.py: what each case expects at one index. */
const kerasPoints: readonly (readonly [schedule: Schedule, k: number, value: number])[] = [
  [exponentialDecay({ init: 0.05, rate: 0.96, steps: 10 }), 5, 0.05 * 0.96 ** 0.5],
  [exponentialDecay({ init: 0.1, rate: 0.96, steps: 3, staircase: true }), 2, 0.1],
  [exponentialDecay({ init: 0.1, rate: 0.96, steps: 3, staircase: true }), 100, 0.1 * 0.96 ** 33],
  [polynomialDecay({ ...linear, end: 0 }), 5, 0.025],
  [polynomialDecay(linear), 5, 0.0255],
  [polynomialDecay(linear), 10, 0.001],
  [polynomialDecay(linear), 15, 0.001],
  [polynomialDecay({ ...linear, cycle: true }), 15, 0.049 * 0.25 + 0.001],
  // By its formula, which no case tests: at the end of a cycle the end, not yet the next cycle.
  [polynomialDecay({ ...linear, cycle: true }), 10, 0.001],
  [polynomialDecay({ ...root, end: 0 }), 5, 0.05 * Math.SQRT1_2],
  [polynomialDecay(root), 5, 0.049 * Math.SQRT1_2 + 0.001],
  [polynomialDecay({ ...root, cycle: true }), 15, 0.049 * 0.5 + 0.001],
  [polynomialDecay({ init: 0.001, end: 1e-4, steps: 10, cycle: true }), 0, 0.001],
  [inverseTimeDecay({ init: 0.1, rate: 0.96, steps: 10 }), 7, 0.1 / (1 + 0.7 * 0.96)],
  [inverseTimeDecay({ init: 0.1, rate: 0.96, steps: 10, staircase: true }), 9, 0.1],
  [inverseTimeDecay({ init: 0.1, rate: 0.96, steps: 10, staircase: true }), 10, 0.1 / 1.96],
];

/** Largest relative error measured: 2.9e-16. */
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

  test("HuggingFace polynomial, to the three digits it prints", () => {
    const schedule = polynomialDecay({ init: 10, end: 1e-7, steps: 8, power: 2 });
    expectDigits(sample(schedule, { count: 8, backend }), [10, 7.656, 5.625, 3.906, 2.5, 1.406, 0.625, 0.156], 3);
  });
});
