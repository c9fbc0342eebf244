/**
 * TensorFlow.js's own tests: the presets of thalweg/optimizers/tfjs, and our sgd, which stands for its sgd and momentum.
 *
 * Left out: adadelta, which divides by the accumulator from before the update, a defect.
 */
import { describe, test } from "vitest";
import { backends, doubled, expectDigits, expectNear, type Options, type Row, trajectory } from "./golden.ts";

/**
 * tfjs-core/src/optimizers/*_optimizer_test.ts: x² minimised, after each step, in f32, as computed or worked out to so many
 * digits.
 */
const goldens: readonly (readonly [
  name: string,
  options: Options,
  start: Row,
  rows: readonly Row[],
  digits: number,
])[] = [
  [
    "sgd",
    { lr: 0.1, momentum: 0.5 },
    [1, 2],
    [
      [0.8, 1.6],
      [0.54, 1.08],
    ],
    7,
  ],
  [
    "sgd",
    { lr: 0.1, momentum: 0.5, nesterov: true },
    [1, 2],
    [
      [0.7, 1.4],
      [0.44, 0.88],
    ],
    7,
  ],
  ["tfjs.adagrad", { lr: 0.1 }, [1, 2], [[0.9012270405, 1.9003110428]], 7],
  [
    "tfjs.rmsprop",
    { lr: 0.1, alpha: 0.95, momentum: 0.1 },
    [1, 2],
    [
      [0.5527865, 1.5527864],
      [0.2874418, 1.2294267],
    ],
    6,
  ],
  [
    "tfjs.rmsprop",
    { lr: 0.1, alpha: 0.95, momentum: 0.1, centered: true },
    [1, 2],
    [
      [0.5411684, 1.5411685],
      [0.2677834, 1.2035918],
    ],
    6,
  ],
  ["tfjs.adam", { lr: 0.1, beta1: 0.8, beta2: 0.9 }, [2, 4], [[1.9, 3.9]], 6],
  ["tfjs.adamax", { lr: 0.1, beta1: 0.8, beta2: 0.9, lrDecay: 0.1 }, [2, 4], [[1.9, 3.9]], 6],
];

/** Second steps that are worked out by hand there, not to the last digit, and what each test allows. */
const byHand: readonly (readonly [name: string, options: Options, start: Row, second: Row, tolerance: number])[] = [
  ["tfjs.adagrad", { lr: 0.1 }, [1, 2], [0.8347372764, 1.83015597828], 1e-2],
  ["tfjs.rmsprop", { lr: 0.1, alpha: 0.95, momentum: 0.1 }, [1, 2], [0.28745, 1.222943], 1e-2],
  ["tfjs.rmsprop", { lr: 0.1, alpha: 0.95, momentum: 0.1, centered: true }, [1, 2], [0.267785, 1.2035924], 1e-2],
  ["tfjs.adam", { lr: 0.1, beta1: 0.8, beta2: 0.9 }, [2, 4], [1.8000001, 3.8002], 1e-3],
  ["tfjs.adamax", { lr: 0.1, beta1: 0.8, beta2: 0.9, lrDecay: 0.1 }, [2, 4], [1.80697, 3.8086], 1e-3],
];

describe.each(backends)("TensorFlow.js on %s", (backend) => {
  test.each(goldens)("%s %o", (name, options, start, rows, digits) => {
    const actual = trajectory(name, { ...options, backend }, start, rows.length, doubled);
    rows.forEach((row, t) => {
      expectDigits(actual[t], row, digits);
    });
  });

  test.each(byHand)("the second step: %s %o", (name, options, start, second, tolerance) => {
    expectNear(trajectory(name, { ...options, backend }, start, 2, doubled)[1], second, tolerance);
  });

  test("the cost before each step of adam", () => {
    const rows = trajectory("tfjs.adam", { lr: 0.1, beta1: 0.8, beta2: 0.9, backend }, [2, 4], 2, doubled);
    const costs = [[2, 4], ...rows].map(([x, y]) => x * x + y * y);
    // In f32, whose numbers are 1.9e-6 apart there.
    expectDigits(costs, [20, 18.82, 17.681284], 5);
  });
});
