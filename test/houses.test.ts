/** The schedules of thalweg/schedules/<house> against the house's, which test/fixtures/make_houses.py ran. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { page } from "../scripts/houses.ts";
import { constant, linear, registerFunction, type Schedule, sample, scheduleFromJSON } from "../src/index.ts";
import * as hf from "../src/presets/hf/schedules.ts";
import * as keras from "../src/presets/keras/schedules.ts";
import * as optax from "../src/presets/optax/schedules.ts";
import * as torch from "../src/presets/torch/schedules.ts";
import { isSchedule } from "../src/schedules/core/schedule.ts";
import { type Case, called, error, houses, jsonOf } from "./houses.ts";
import { loose } from "./refusals.ts";
import { restarts } from "./restarts.ts";

/**
 * Of the largest magnitude until then, as houses.ts says why. Four times the largest measured, 3.9e-15: torch multiplies from value to value and is off by that after
 * a cosine down and up again. Of Keras it is 1.9e-16, of optax 2.3e-15, of transformers 1.7e-15.
 */
const TOLERANCE = 1.6e-14;

/** Those that need not have a closed form. */
const stepwise = ["chainedScheduler", "multiplicativeLR", "sequentialLR"];

describe.each(houses)("$name", ({ presets, cases }) => {
  test.each(cases)("$preset $arguments", (row: Case) => {
    for (const backend of ["wasm", "plain"] as const)
      expect(error(presets, row, backend)).toBeLessThanOrEqual(TOLERANCE);
  });

  test("every preset has a case", () => {
    const names = new Set(cases.map(({ preset }) => preset));
    expect([...names].sort()).toEqual(Object.keys(presets).sort());
  });

  test("what is no feedback can be sampled on both backends and, in closed form, become JSON, to the bit", () => {
    for (const row of cases.filter(({ metrics }) => metrics === undefined)) {
      const count = row.values.length;
      const schedule = called(presets, row);
      if (!isSchedule(schedule)) throw new TypeError(`${row.preset} must be a schedule`);
      const values = Float64Array.from({ length: count }, (_, k) => schedule(k));
      const json = jsonOf(schedule);
      if (json === undefined) expect(stepwise).toContain(row.preset);
      const again = json ? scheduleFromJSON(JSON.parse(JSON.stringify(json))) : called(presets, row);
      for (const backend of ["wasm", "plain"] as const) {
        expect(sample(schedule, { count, backend })).toEqual(values);
        expect(sample(again as Schedule, { count, backend })).toEqual(values);
      }
    }
  });
});

test("docs/schedules.md is up to date", () => {
  expect(readFileSync("docs/schedules.md", "utf8")).toBe(page());
});

describe("restarts", () => {
  const peak = 0.7;

  test("Keras's and torch's: 440 of them are at the peak and the index before is not", () => {
    for (const { steps, factor, at, length } of restarts) {
      const made = [
        keras.cosineDecayRestarts({ initialLearningRate: peak, firstDecaySteps: steps, tMul: factor }),
        torch.cosineAnnealingWarmRestarts(peak, { t0: steps, tMult: factor }),
      ];
      for (const schedule of made) {
        expect(schedule(at), `${steps}, ${factor}, ${at}`).toBe(peak);
        if (length > 1) expect(schedule(at - 1)).toBeLessThan(0.51 * peak);
      }
    }
  });

  test("transformers': all that are on an index, whether or not the cycles are whole", () => {
    for (let steps = 1; steps <= 60; steps++)
      for (let numCycles = 1; numCycles <= steps; numCycles++) {
        const options = { numWarmupSteps: 3, numTrainingSteps: 3 + steps, numCycles };
        const schedule = hf.getCosineWithHardRestartsScheduleWithWarmup(peak, options);
        const values = sample(schedule, { start: 3, count: steps + 1 });
        for (let k = 0; k < steps; k++)
          expect(values[k] === peak, `${k} of ${steps} in ${numCycles}`).toBe((k * numCycles) % steps === 0);
        expect(values[steps]).toBe(0);
      }
  });
});

describe("what values at the first indices do not show", () => {
  test("a function of yours: torch's lr times it, or times all of its values so far", () => {
    const half = (k: number) => 1 / (1 + k);
    expect([0, 1, 3].map((k) => torch.lambdaLR(2, { lrLambda: half })(k))).toEqual([2, 1, 0.5]);
    const halving = torch.multiplicativeLR(2, { lrLambda: () => 0.5 });
    expect([3, 0, 1].map((k) => halving(k))).toEqual([0.25, 2, 1]);
  });

  test("torch's milestones need not be in order", () => {
    expect([1, 2, 4, 5].map(torch.multiStepLR(1, { milestones: [5, 2], gamma: 0.5 }))).toEqual([1, 0.5, 0.5, 0.25]);
  });

  test("a lambdaLR becomes JSON if its function has a name", () => {
    const lrLambda = registerFunction("houses: a third", (k: number) => 1 / (1 + k / 3));
    const schedule = torch.lambdaLR(2, { lrLambda });
    const again = scheduleFromJSON(JSON.parse(JSON.stringify(schedule)));
    expect([0, 3, 9].map(again)).toEqual([0, 3, 9].map(schedule));
  });

  test("a chain of those that multiply is a product, with JSON", () => {
    const chain = torch.chainedScheduler([torch.constantLR(0.1), torch.stepLR(0.1, { stepSize: 3 })]);
    expect(chain.toJSON()).toMatchObject({ schedule: "scale", factor: 0.1, of: { schedule: "product" } });
  });

  test("what is made of the value before is the same in any order, and after an error", () => {
    let broken = false;
    const chain = torch.chainedScheduler([
      torch.cosineAnnealingLR(0.1, { tMax: 5, etaMin: 0.01 }),
      torch.multiplicativeLR(0.1, {
        lrLambda(k) {
          if (broken && k === 7) throw new Error("broken");
          return 1 - k / 100;
        },
      }),
    ]);
    const values = [...sample(chain, { count: 12 })];
    for (const k of [11, 3, 4, 0, 9]) expect(chain(k)).toBe(values[k]);
    broken = true;
    chain(2);
    expect(() => chain(11)).toThrow("broken");
    broken = false;
    expect(chain(11)).toBe(values[11]);
    expect(() => chain(Infinity)).toThrow(new RangeError("chainedScheduler: k must be an update index, got Infinity"));
  });

  test("a function of yours must give numbers", () => {
    const lrLambda = (() => undefined) as unknown as (k: number) => number;
    const error = new TypeError("multiplicativeLR: the function must return a number, got undefined at k = 1");
    expect(() => torch.multiplicativeLR(1, { lrLambda })(2)).toThrow(error);
    expect(() => torch.lambdaLR(1, { lrLambda })(2)).toThrow(
      /the function must return a number, got undefined at k = 2/,
    );
  });

  test("optax's boundaries need not be in order, not even those beyond JavaScript's array indices", () => {
    const far = optax.piecewiseConstantSchedule({ initValue: 1, boundariesAndScales: { 6e9: 3, 5e9: 2 } });
    expect([5e9 - 1, 5e9, 6e9].map(far)).toEqual([1, 2, 6]);
  });

  test("torch's one cycle ends with its last step", () => {
    expect(() => torch.oneCycleLR({ maxLr: 1, totalSteps: 10 })(10)).toThrow(RangeError);
  });

  test("after the end optax and Keras hold, transformers' cosine rises again and its line is at 0", () => {
    const far = 1e6;
    expect(optax.cosineDecaySchedule({ initValue: 2, decaySteps: 10, alpha: 0.5 })(far)).toBe(1);
    expect(keras.cosineDecay({ initialLearningRate: 2, decaySteps: 10, alpha: 0.5 })(far)).toBe(1);
    const options = { numWarmupSteps: 2, numTrainingSteps: 12 };
    expect(hf.getCosineScheduleWithWarmup(2, options)(22)).toBe(2);
    expect(hf.getLinearScheduleWithWarmup(2, options)(far)).toBe(0);
  });
});

const training = { numWarmupSteps: 2, numTrainingSteps: 10 };
const withLeast = [
  ["getCosineWithMinLrScheduleWithWarmup", hf.getCosineWithMinLrScheduleWithWarmup],
  ["getCosineWithMinLrScheduleWithWarmupLrRate", hf.getCosineWithMinLrScheduleWithWarmupLrRate],
] as const;
const rise = { initValue: 0, peakValue: 1, warmupSteps: 5 };

describe("what is refused", () => {
  const refused: readonly [string, () => unknown, string][] = [
    ["an lr that is none", () => torch.stepLR("1" as never, { stepSize: 3 }), 'stepLR: lr must be a number, got "1"'],
    [
      "an unknown argument",
      () => torch.stepLR(1, { stepsize: 3 } as never),
      "stepLR: unknown option stepsize (did you mean stepSize?), expected one of stepSize, gamma",
    ],
    ["a step of 0", () => torch.stepLR(1, { stepSize: 0 }), "stepLR: stepSize must be a whole number > 0, got 0"],
    ["a factor above 1", () => torch.constantLR(1, { factor: 2 }), "constantLR: factor must be in (0, 1], got 2"],
    [
      "a factor of 0, by which torch divides",
      () => torch.linearLR(1, { startFactor: 0 }),
      "linearLR: startFactor must be in (0, 1], got 0",
    ],
    [
      "a momentum in a chain",
      () => torch.chainedScheduler([torch.cyclicMomentum({})]),
      "chainedScheduler: schedulers must be an array of schedules of thalweg/schedules/torch, got [a function]",
    ],
    [
      "milestones that are no indices",
      () => torch.multiStepLR(1, { milestones: [3, 1.5] }),
      "multiStepLR: milestones must be whole numbers ≥ 0, got [3, 1.5]",
    ],
    [
      "no schedules",
      () => torch.chainedScheduler([]),
      "chainedScheduler: schedulers must be at least one schedule, got []",
    ],
    [
      "schedules that no optimizer of torch's has",
      () => torch.chainedScheduler([linear({ init: 1, end: 0, steps: 3 })]),
      "chainedScheduler: schedulers must be an array of schedules of thalweg/schedules/torch, got [a function]",
    ],
    [
      "two lrs of one optimizer",
      () => torch.chainedScheduler([torch.constantLR(0.1), torch.stepLR(1, { stepSize: 3 })]),
      "chainedScheduler: schedulers must be made with one lr, got 1 after 0.1 at index 1",
    ],
    [
      "no milestones",
      () => loose(torch.sequentialLR)([torch.constantLR(0.1)]),
      "sequentialLR: options must be an object, got undefined",
    ],
    [
      "as many milestones as schedules",
      () => torch.sequentialLR([torch.constantLR(0.1)], { milestones: [3] }),
      "sequentialLR: schedulers must be one more than milestones, got 1 and 1",
    ],
    [
      "what sequentialLR does not know",
      () => loose(torch.sequentialLR)([torch.constantLR(0.1)], { milestones: [], lastEpoch: 3 }),
      "sequentialLR: unknown option lastEpoch, expected one of milestones",
    ],
    [
      "a chain in a sequence",
      () => torch.sequentialLR([torch.chainedScheduler([torch.constantLR(0.1)])], { milestones: [] }),
      "sequentialLR: schedulers must be neither a sequentialLR nor a chainedScheduler",
    ],
    [
      "a strategy there is not",
      () => torch.swalr(1, { swaLr: 0.1, annealStrategy: "exp" as never }),
      'swalr: annealStrategy must be one of "cos", "linear", got "exp"',
    ],
    [
      "a least lr above the lr",
      () => torch.reduceLROnPlateau(0.1, { minLr: 0.2 }),
      "reduceLROnPlateau: minLr must be less than lr, got 0.2 and 0.1",
    ],
    [
      "the same, Keras's",
      () => keras.reduceLROnPlateau(0.1, { minLr: 0.1 }),
      "reduceLROnPlateau: minLr must be less than lr, got 0.1 and 0.1",
    ],
    [
      "a decay without steps",
      () => keras.cosineDecay({ initialLearningRate: 1, decaySteps: 0 }),
      "cosineDecay: decaySteps must be a finite number > 0, got 0",
    ],
    [
      "as many values as boundaries",
      () => keras.piecewiseConstantDecay({ boundaries: [3], values: [1] }),
      "piecewiseConstantDecay: values must be one more than boundaries, got 1 and 1",
    ],
    [
      "a list where Python has a dict",
      () => optax.piecewiseConstantSchedule({ initValue: 1, boundariesAndScales: [3, 2] as never }),
      "piecewiseConstantSchedule: boundariesAndScales must be an object of numbers, got [3, 2]",
    ],
    ...[{ 3: -1 }, { 1.5: 1 }, { 3: Infinity }].map((by): [string, () => unknown, string] => [
      `factors by indices that are not: ${JSON.stringify(by)}`,
      () => optax.piecewiseInterpolateSchedule({ initValue: 1, boundariesAndScales: by }),
      "piecewiseInterpolateSchedule: boundariesAndScales must be factors ≥ 0 by whole numbers ≥ 0, got an object",
    ]),
    [
      "a warmup of all steps",
      () => optax.warmupCosineDecaySchedule({ ...rise, decaySteps: 5 }),
      "warmupCosineDecaySchedule: decaySteps must be more than warmupSteps, got 5 and 5",
    ],
    [
      "no list of cycles",
      () => optax.sgdrSchedule({ ...rise, decaySteps: 9 } as never),
      "sgdrSchedule: cosineKwargs must be an array of options, got an object",
    ],
    ["no cycles", () => optax.sgdrSchedule([]), "sgdrSchedule: cosineKwargs must be at least one, got []"],
    [
      "a cycle that is none",
      () =>
        optax.sgdrSchedule([
          { ...rise, decaySteps: 9 },
          { ...rise, decaySteps: 5 },
        ]),
      "sgdrSchedule: cosineKwargs[1]: decaySteps must be more than warmupSteps, got 5 and 5",
    ],
    [
      "as many boundaries as schedules",
      () => optax.joinSchedules([constant({ value: 1 })], [3]),
      "joinSchedules: schedules must be one more than boundaries, got 1 and 1",
    ],
    [
      "boundaries out of order",
      () => optax.joinSchedules([constant({ value: 1 })], [3, 2]),
      "joinSchedules: boundaries must be whole numbers ≥ 0 in ascending order, got [3, 2]",
    ],
    [
      "a threshold of all",
      () => torch.reduceLROnPlateau(1, { mode: "max", threshold: 2 }),
      'reduceLROnPlateau: threshold must be in [0, 1) where thresholdMode is "rel", got 2',
    ],
    [
      "the same, transformers'",
      () => hf.getGreedySchedule(1, { threshold: 1, thresholdMode: "rel" }),
      'getGreedySchedule: threshold must be in [0, 1) where thresholdMode is "rel", got 1',
    ],
    [
      "a cycle of no length",
      () => loose(torch.oneCycleLR)({ maxLr: 1, epochs: 3 }),
      "oneCycleLR: totalSteps or epochs · stepsPerEpoch must be a whole number > 1, got neither",
    ],
    [
      "a cycle of one step",
      () => torch.oneCycleLR({ maxLr: 1, epochs: 1, stepsPerEpoch: 1 }),
      "oneCycleLR: totalSteps or epochs · stepsPerEpoch must be a whole number > 1, got 1",
    ],
    [
      "a way up and down of more than all",
      () => torch.oneCycleLR({ maxLr: 1, totalSteps: 9, threePhase: true, pctStart: 0.6 }),
      "oneCycleLR: pctStart must be ≤ 0.5 if threePhase, got 0.6",
    ],
    [
      "the momentum that does not cycle",
      () => torch.cyclicMomentum({ cycleMomentum: false }),
      "cyclicMomentum: cycleMomentum must be true, got false",
    ],
    [
      "the momentum of one cycle that does not",
      () => torch.oneCycleMomentum({ totalSteps: 9, cycleMomentum: false }),
      "oneCycleMomentum: cycleMomentum must be true, got false",
    ],
    [
      "a scheduler there is not",
      () => hf.getScheduler("sine" as never, 1),
      'getScheduler: name must be one of "linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup", "inverse_sqrt", "reduce_lr_on_plateau", "cosine_with_min_lr", "cosine_warmup_with_min_lr", "warmup_stable_decay", "greedy", got "sine"',
    ],
    [
      "what the scheduler cannot do without",
      () => hf.getScheduler("linear", 1, { numTrainingSteps: 3 }),
      "getScheduler: numWarmupSteps must be a number, got undefined",
    ],
    [
      "what it does not take",
      () => hf.getScheduler("constant", 1, { schedulerSpecificKwargs: { power: 2 } }),
      "getConstantSchedule: unknown option power, expected none",
    ],
    [
      "a patience of none, which optax takes for all",
      () => optax.reduceOnPlateau({ patience: 0 }),
      "reduceOnPlateau: patience must be a whole number > 0, got 0",
    ],
    [
      "an end above the lr",
      () => hf.getPolynomialDecayScheduleWithWarmup(1e-8, training),
      "getPolynomialDecayScheduleWithWarmup: lrEnd must be less than lr, got 1e-7 and 1e-8",
    ],
    [
      "more cycles than steps",
      () => hf.getCosineWithHardRestartsScheduleWithWarmup(1, { ...training, numCycles: 9 }),
      "getCosineWithHardRestartsScheduleWithWarmup: numCycles must be at most the steps after the warmup, got 9 and 8",
    ],
    ...withLeast.flatMap(([name, make]): [string, () => unknown, string][] => [
      [
        `${name}: no least lr`,
        () => make(1, training),
        `${name}: one of minLr and minLrRate must be given, got undefined and undefined`,
      ],
      [
        `${name}: two`,
        () => make(1, { ...training, minLr: 0.1, minLrRate: 0.2 }),
        `${name}: one of minLr and minLrRate must be given, got 0.1 and 0.2`,
      ],
    ]),
    [
      "no number of stable steps",
      () => hf.getWsdSchedule(1, { numWarmupSteps: 2, numDecaySteps: 3 }),
      "getWsdSchedule: numTrainingSteps must be at least numWarmupSteps + numDecaySteps without numStableSteps, got undefined and 5",
    ],
    [
      "fewer steps than their parts",
      () => hf.getWsdSchedule(1, { numWarmupSteps: 2, numDecaySteps: 3, numTrainingSteps: 4 }),
      "getWsdSchedule: numTrainingSteps must be at least numWarmupSteps + numDecaySteps without numStableSteps, got 4 and 5",
    ],
    ["an lr of 0", () => hf.getGreedySchedule(0), "getGreedySchedule: lr must be > 0, got 0"],
    [
      "a least lr above the greatest",
      () => hf.getGreedySchedule(1, { minLr: 2 }),
      "getGreedySchedule: minLr must be at most maxLr, got 2 and 1",
    ],
  ];

  test.each(refused)("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});
