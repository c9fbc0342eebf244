/**
 * torch's schedulers by its names against the values that its test/optim/test_lrscheduler.py lists. Those hold to 1e-5 there, to rounding
 * here.
 *
 * Left out: the plateau, which follows a metric and is no function of the index (test/plateau.test.ts).
 */
import { describe, expect, test } from "vitest";
import { type Schedule, sample } from "../src/index.ts";
import {
  chainedScheduler,
  constantLR,
  cosineAnnealingWarmRestarts,
  cyclicLR,
  cyclicMomentum,
  exponentialLR,
  linearLR,
  multiStepLR,
  oneCycleLR,
  oneCycleMomentum,
  polynomialLR,
  sequentialLR,
  stepLR,
} from "../src/presets/torch/schedules.ts";
import { backends, expectFirst, type Row, repeated } from "./golden.ts";

/** The height of a triangle of 4 up and 4 down, as the tests list it. */
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

const up = { baseLr: 1, maxLr: 5, stepSizeUp: 4 };
const upside = { baseMomentum: 1, maxMomentum: 5, stepSizeUp: 4 };
const third = stepLR(0.05, { stepSize: 3 });

const schedules: readonly (readonly [source: string, schedule: Schedule, values: Row])[] = [
  ["StepLR", stepLR(0.05, { stepSize: 3 }), [...repeated(3, 0.05), ...repeated(3, 0.005), ...repeated(3, 0.0005)]],
  [
    "MultiStepLR",
    multiStepLR(0.05, { milestones: [2, 5, 9] }),
    [...repeated(2, 0.05), ...repeated(3, 0.005), ...repeated(4, 0.0005), ...repeated(3, 0.00005)],
  ],
  ["ConstantLR", constantLR(0.05, { factor: 0.5 }), [...repeated(5, 0.025), ...repeated(5, 0.05)]],
  [
    "LinearLR",
    linearLR(0.05, { startFactor: 0.5, totalIters: 4 }),
    [0.025, 0.03125, 0.0375, 0.04375, ...repeated(6, 0.05)],
  ],
  ["ExponentialLR", exponentialLR(0.05, { gamma: 0.9 }), Array.from({ length: 10 }, (_, k) => 0.05 * 0.9 ** k)],
  [
    "PolynomialLR under a ConstantLR",
    chainedScheduler([polynomialLR(0.05, { power: 0.9 }), constantLR(0.05, { factor: 0.1 })]),
    [...[0, 1, 2, 3, 4].map((k) => 0.005 * (1 - k / 5) ** 0.9), ...repeated(5, 0)],
  ],
  ["CyclicLR triangular", cyclicLR(up), triangular],
  ["CyclicLR triangular, momentum", cyclicMomentum(upside), mirrored(triangular)],
  ["CyclicLR triangular2", cyclicLR({ ...up, mode: "triangular2" }), triangular2],
  ["CyclicLR triangular2, momentum", cyclicMomentum({ ...upside, mode: "triangular2" }), mirrored(triangular2)],
  ["CyclicLR exp_range", cyclicLR({ ...up, mode: "exp_range", gamma: 0.9 }), expRange],
  ["CyclicLR exp_range, momentum", cyclicMomentum({ ...upside, mode: "exp_range", gamma: 0.9 }), mirrored(expRange)],
  ["CyclicLR 4 up, 6 down", cyclicLR({ ...up, stepSizeDown: 6 }), uneven],
  ["CyclicLR 4 up, 6 down, momentum", cyclicMomentum({ ...upside, stepSizeDown: 6 }), mirrored(uneven)],
  [
    "CyclicLR triangular2, 2 up, 6 down",
    cyclicLR({ baseLr: 1, maxLr: 5, stepSizeUp: 2, stepSizeDown: 6, mode: "triangular2" }),
    uneven2,
  ],
  // Two of torch's on one optimizer do what a ChainedScheduler does.
  [
    "StepLR and MultiStepLR",
    chainedScheduler([third, multiStepLR(0.05, { milestones: [2, 5, 9] })]),
    [0.05, 0.05, 0.005, 5e-4, 5e-4, 5e-5, 5e-6, 5e-6, 5e-6, 5e-8],
  ],
  [
    "StepLR and ConstantLR",
    chainedScheduler([third, constantLR(0.05, { factor: 0.4, totalIters: 4 })]),
    [...repeated(3, 0.02), 0.002, ...repeated(2, 0.005), ...repeated(3, 0.0005), 0.00005],
  ],
  [
    "StepLR and ExponentialLR",
    chainedScheduler([third, exponentialLR(0.05, { gamma: 0.9 })]),
    Array.from({ length: 10 }, (_, x) => 0.05 * 0.9 ** x * 0.1 ** Math.floor(x / 3)),
  ],
  [
    "LinearLR and ExponentialLR",
    chainedScheduler([
      linearLR(0.05, { startFactor: 0.4, endFactor: 0.9, totalIters: 4 }),
      exponentialLR(0.05, { gamma: 0.9 }),
    ]),
    Array.from({ length: 10 }, (_, x) => 0.05 * 0.9 ** x * (x < 4 ? 0.4 + 0.125 * x : 0.9)),
  ],
  [
    "ChainedScheduler of LinearLR and MultiStepLR",
    chainedScheduler([
      linearLR(0.05, { startFactor: 0.4, totalIters: 3 }),
      multiStepLR(0.05, { milestones: [4, 8, 10] }),
    ]),
    [0.02, 0.03, 0.04, 0.05, ...repeated(4, 0.005), ...repeated(2, 0.0005)],
  ],
  [
    "ChainedScheduler of ExponentialLR, ConstantLR and StepLR",
    chainedScheduler([exponentialLR(0.05, { gamma: 0.9 }), constantLR(0.05, { factor: 0.2, totalIters: 4 }), third]),
    Array.from({ length: 9 }, (_, x) => (x < 3 ? 0.01 : x < 4 ? 0.001 : x < 6 ? 0.005 : 0.0005) * 0.9 ** x),
  ],
  [
    "SequentialLR of ExponentialLR and StepLR",
    sequentialLR([exponentialLR(0.05, { gamma: 0.8 }), stepLR(0.05, { stepSize: 4 })], {
      milestones: [3],
    }),
    [0.05, 0.04, 0.032, ...[0.05, 0.005, 0.0005, 0.00005].flatMap((lr) => repeated(4, lr))],
  ],
  [
    "SequentialLR of ConstantLR and ExponentialLR",
    sequentialLR([constantLR(0.05, { factor: 0.1, totalIters: 3 }), exponentialLR(0.05, { gamma: 0.9 })], {
      milestones: [3],
    }),
    [...repeated(3, 0.005), ...Array.from({ length: 10 }, (_, x) => 0.05 * 0.9 ** x)],
  ],
  [
    "SequentialLR of three",
    sequentialLR(
      [
        constantLR(0.05, { factor: 0.1, totalIters: 3 }),
        exponentialLR(0.05, { gamma: 0.8 }),
        stepLR(0.05, { stepSize: 2 }),
      ],
      { milestones: [3, 6] },
    ),
    [...repeated(3, 0.005), 0.05, 0.04, 0.032, 0.05, 0.05, 0.005, 0.005, 0.0005, 0.0005],
  ],
  [
    "SequentialLR of two LinearLR, lr 2",
    sequentialLR(
      [
        linearLR(2, { startFactor: 0.1, endFactor: 0.8, totalIters: 4 }),
        linearLR(2, { startFactor: 0.8, endFactor: 0.1, totalIters: 4 }),
      ],
      { milestones: [4] },
    ),
    [0.2, 0.55, 0.9, 1.25, 1.6, 1.25, 0.9, 0.55],
  ],
  [
    "OneCycleLR",
    oneCycleLR({ maxLr: 25, totalSteps: 10, finalDivFactor: 2, annealStrategy: "linear" }),
    [1, 13, 25, 21.5, 18, 14.5, 11, 7.5, 4, 0.5],
  ],
  [
    "OneCycleLR, momentum",
    oneCycleMomentum({ baseMomentum: 1, maxMomentum: 22, totalSteps: 10, annealStrategy: "linear" }),
    [22, 11.5, 1, 4, 7, 10, 13, 16, 19, 22],
  ],
  [
    "OneCycleLR, three phases",
    oneCycleLR({
      maxLr: 25,
      totalSteps: 10,
      pctStart: 0.4,
      finalDivFactor: 4,
      threePhase: true,
      annealStrategy: "linear",
    }),
    [1, 9, 17, 25, 17, 9, 1, 0.75, 0.5, 0.25],
  ],
  [
    "OneCycleLR, three phases, momentum",
    oneCycleMomentum({
      baseMomentum: 1,
      maxMomentum: 22,
      totalSteps: 10,
      pctStart: 0.4,
      threePhase: true,
      annealStrategy: "linear",
    }),
    [22, 15, 8, 1, 8, 15, 22, 22, 22, 22],
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

describe.each(backends)("torch's schedules on %s", (backend) => {
  test.each(schedules)("%s", (_, schedule, values) => {
    expectFirst(schedule, values, backend);
  });

  test.each(positions)(
    "CosineAnnealingWarmRestarts, T_mult %i: index %d is at %d of %i",
    (stepsFactor, k, position, length) => {
      const schedule = cosineAnnealingWarmRestarts(0.05, { t0: 10, tMult: stepsFactor, etaMin: 1e-10 });
      const expected = 1e-10 + (0.05 - 1e-10) * (0.5 + 0.5 * Math.cos((Math.PI * position) / length));
      expect(schedule(k)).toBeCloseTo(expected, 16);
      // An index that is not whole can be called for, not sampled.
      if (Number.isInteger(k)) expect(sample(schedule, { start: k, count: 1, backend })[0]).toBe(schedule(k));
    },
  );
});
