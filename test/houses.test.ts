/** The schedules of thalweg/schedules/torch against torch's, which test/fixtures/make_houses.py ran. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Schedule, sample, scheduleFromJSON } from "../src/index.ts";
import * as torch from "../src/schedules/houses/torch.ts";

interface Case {
  readonly preset: string;
  readonly arguments: readonly unknown[];
  readonly values: readonly number[];
}

const file = new URL("./fixtures/houses.json", import.meta.url);
const { cases, sequential, chained } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly cases: readonly Case[];
  readonly sequential: readonly number[];
  readonly chained: readonly number[];
};

/**
 * Of the largest magnitude until then. Four times the largest measured, 3.9e-15: torch multiplies from value to value and is off by that after
 * a cosine down and up again.
 */
const TOLERANCE = 1.6e-14;

function expectValues(schedule: Schedule, values: readonly number[]): void {
  for (const backend of ["wasm", "plain"] as const) {
    const actual = sample(schedule, { count: values.length, backend });
    let largest = 0;
    values.forEach((value, k) => {
      largest = Math.max(largest, Math.abs(value));
      expect(Math.abs(actual[k] - value), `index ${k}`).toBeLessThanOrEqual(TOLERANCE * largest);
    });
  }
}

const presets = new Map(Object.entries(torch) as [string, (...given: readonly unknown[]) => Schedule][]);

describe("torch", () => {
  test.each(cases)("$preset $arguments", ({ preset, arguments: given, values }) => {
    const schedule = presets.get(preset)?.(...given) as Schedule;
    expectValues(schedule, values);
    const again = scheduleFromJSON(JSON.parse(JSON.stringify(schedule)));
    expect(sample(again, { count: values.length })).toEqual(sample(schedule, { count: values.length }));
  });

  test("every preset has a case", () => {
    const functions = ["lambdaLR", "multiplicativeLR", "sequentialLR", "chainedScheduler"];
    expect([...new Set([...cases.map(({ preset }) => preset), ...functions])].sort()).toEqual(
      Object.keys(torch).sort(),
    );
  });

  test("SequentialLR begins each part at the base lr", () => {
    const lr = 0.05;
    const parts = [
      torch.constantLR(lr, { factor: 0.1, totalIters: 3 }),
      torch.exponentialLR(lr, { gamma: 0.8 }),
      torch.stepLR(lr, { stepSize: 2 }),
    ];
    expectValues(torch.sequentialLR(parts, { milestones: [3, 6] }), sequential);
  });

  test("ChainedScheduler multiplies", () => {
    const factors = [
      torch.exponentialLR(1, { gamma: 0.9 }),
      torch.constantLR(1, { factor: 0.2, totalIters: 4 }),
      torch.stepLR(1, { stepSize: 3 }),
    ];
    expectValues(torch.chainedScheduler(0.05, factors), chained);
  });

  test("a function of yours: the lr times it, or times all of its values so far", () => {
    const half = (k: number) => 1 / (1 + k);
    expect([0, 1, 3].map((k) => torch.lambdaLR(2, { lrLambda: half })(k))).toEqual([2, 1, 0.5]);
    const halving = torch.multiplicativeLR(2, { lrLambda: () => 0.5 });
    expect([3, 0, 1].map((k) => halving(k))).toEqual([0.25, 2, 1]);
  });

  test("the one cycle ends with its last step", () => {
    expect(() => torch.oneCycleLR({ maxLr: 1, totalSteps: 10 })(10)).toThrow(RangeError);
  });

  test.each([
    ["an lr that is none", () => torch.stepLR("1" as never, { stepSize: 3 }), 'stepLR: lr must be a number, got "1"'],
    [
      "an unknown argument",
      () => torch.stepLR(1, { stepsize: 3 } as never),
      "stepLR: unknown option stepsize, expected one of stepSize, gamma",
    ],
    ["a step of 0", () => torch.stepLR(1, { stepSize: 0 }), "stepLR: stepSize must be a whole number > 0, got 0"],
    ["a factor above 1", () => torch.constantLR(1, { factor: 2 }), "constantLR: factor must be in [0, 1], got 2"],
    [
      "milestones out of order",
      () => torch.multiStepLR(1, { milestones: [3, 2] }),
      "multiStepLR: milestones must be whole numbers ≥ 0 in ascending order, got [3, 2]",
    ],
    [
      "a strategy there is not",
      () => torch.swalr(1, { swaLr: 0.1, annealStrategy: "exp" as never }),
      'swalr: annealStrategy must be one of "cos", "linear", got "exp"',
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});
