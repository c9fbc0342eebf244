import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  constant,
  cyclic,
  exponentialDecay,
  inverseTimeDecay,
  multiStepDecay,
  polynomialDecay,
  type Schedule,
  sample,
  scheduleFromJSON,
  stepDecay,
} from "../src/index.ts";
import { differences } from "./rig.ts";

const number = fc.constantFrom(0, -0, 1e-300, 1e-8, 1e-3, 0.1, 0.5, 1, 3, -2, 1e6, 1e300);
const positive = fc.constantFrom(5e-324, 1e-300, 1e-3, 0.1, 0.5, 0.97, 1, 1.5, 10, 1e6, 1e300);
const count = fc.integer({ min: 1, max: 1000 });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** One arbitrary a schedule: `satisfies` keeps it in step with the table. */
const arbitraries: Readonly<Record<string, fc.Arbitrary<Schedule>>> = {
  constant: fc.record({ value: number }).map(constant),
  stepDecay: fc.record({ init: number, rate: positive, every: count }).map(stepDecay),
  multiStepDecay: fc
    .record({
      init: number,
      rate: positive,
      milestones: fc.array(fc.nat(3000)).map((list) => list.sort((a, b) => a - b)),
    })
    .map(multiStepDecay),
  exponentialDecay: fc
    .record({ init: number, rate: positive, steps: optional(positive), staircase: fc.boolean(), end: optional(number) })
    .map(exponentialDecay),
  polynomialDecay: fc
    .record({ init: number, end: number, steps: positive, power: optional(positive), cycle: fc.boolean() })
    .map(polynomialDecay),
  inverseTimeDecay: fc
    .record({ init: number, rate: positive, steps: optional(positive), staircase: fc.boolean() })
    .map(inverseTimeDecay),
  cyclic: fc
    .record({
      min: number,
      max: number,
      up: count,
      down: optional(count),
      mode: fc.constantFrom("triangular", "triangular2", "expRange"),
      gamma: optional(positive),
    })
    .map(cyclic),
};

describe.each(Object.entries(arbitraries))("%s", (_, arbitrary) => {
  test("sample on WASM, on plain and one call at a time: the same bits", () => {
    const start = fc.oneof(fc.nat(5000), fc.constantFrom(2 ** 31, 2 ** 52));
    fc.assert(
      fc.property(arbitrary, fc.nat(67), start, (schedule, count, start) => {
        const wasm = sample(schedule, { count, start, backend: "wasm" });
        const plain = sample(schedule, { count, start, backend: "plain" });
        const called = Float64Array.from({ length: count }, (_, i) => schedule(start + i));
        expect([differences(wasm, plain), differences(plain, called)]).toEqual([0, 0]);
      }),
      { numRuns: 500 },
    );
  });

  test("sample of more than its memory holds: the same bits", () => {
    fc.assert(
      fc.property(arbitrary, (schedule) => {
        const [wasm, plain] = (["wasm", "plain"] as const).map((backend) =>
          sample(schedule, { count: 20_001, backend }),
        );
        expect(differences(wasm, plain)).toBe(0);
      }),
      { numRuns: 10 },
    );
  });

  test("comes back from JSON as it was", () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(5000), (schedule, k) => {
        const back = scheduleFromJSON(JSON.parse(JSON.stringify(schedule)));
        expect(back.toJSON()).toEqual(JSON.parse(JSON.stringify(schedule)));
        // JSON has no −0.
        expect(back(k) === schedule(k) || Number.isNaN(schedule(k))).toBe(true);
      }),
    );
  });
});

test.each([4095, 4096, 4097, 8191, 8192, 9000])("sample with %i milestones: the same bits", (count) => {
  const schedule = multiStepDecay({ init: 1, rate: 0.999, milestones: Array.from({ length: count }, (_, i) => i) });
  const [wasm, plain] = (["wasm", "plain"] as const).map((backend) =>
    sample(schedule, { count: 9, start: 4090, backend }),
  );
  expect(differences(wasm, plain)).toBe(0);
});

test("a schedule keeps what it was given, whatever becomes of the list", () => {
  const milestones = [2, 4];
  const schedule = multiStepDecay({ init: 1, rate: 0.5, milestones });
  milestones.push(6);
  (schedule.toJSON().milestones as number[]).push(8);
  expect(schedule.toJSON()).toEqual({ schedule: "multiStepDecay", init: 1, rate: 0.5, milestones: [2, 4] });
});

test("where a factor overflows, nothing times it is still nothing", () => {
  expect(cyclic({ min: 0.1, max: 1, up: 5, mode: "expRange", gamma: 1.1 })(10_000)).toBe(0.1);
  expect(exponentialDecay({ init: 0, rate: 2 })(2000)).toBe(0);
  expect(stepDecay({ init: 0, rate: 2, every: 1 })(2000)).toBe(0);
});

describe("sample", () => {
  const line = polynomialDecay({ init: 10, steps: 10 });

  test("writes to out, from its beginning, and returns it", () => {
    const out = new Float64Array(5).fill(-1);
    expect(sample(line, { out, count: 3, start: 2 })).toBe(out);
    expect([...out]).toEqual([8, 7, 6, -1, -1]);
  });

  test("fills out when no count is given", () => {
    expect([...sample(line, { out: new Float64Array(2) })]).toEqual([10, 9]);
  });
});

describe("joints are exact", () => {
  test("a step decay changes at every multiple of every, and only there", () => {
    const s = stepDecay({ init: 1, rate: 0.5, every: 7 });
    for (let k = 1; k < 200; k++) expect(s(k) === s(k - 1)).toBe(k % 7 !== 0);
    expect(s(7 * 20)).toBe(2 ** -20);
  });

  test("a step decay drops where it should for every length of step", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 1, max: 1000 }), (every, n) => {
        const s = stepDecay({ init: 1, rate: 0.5, every });
        expect([s(every * n - 1), s(every * n)]).toEqual([2 ** -(n - 1), 2 ** -n]);
      }),
    );
  });

  test("milestones hold from themselves on and count as often as they stand there", () => {
    const s = multiStepDecay({ init: 1, rate: 0.5, milestones: [0, 3, 3, 8] });
    expect([0, 2, 3, 7, 8, 9].map(s)).toEqual([0.5, 0.5, 0.125, 0.125, 0.0625, 0.0625]);
  });

  test("a polynomial decay starts at init, ends at end and stays there", () => {
    for (const power of [0.5, 1, 2, 3.7]) {
      const s = polynomialDecay({ init: 0.3, end: 0.1, steps: 17, power });
      expect(s(0)).toBeCloseTo(0.3, 15);
      expect([s(17), s(18), s(1e9)]).toEqual([0.1, 0.1, 0.1]);
    }
  });

  test("a cycling polynomial decay reaches end at every multiple of steps", () => {
    const s = polynomialDecay({ init: 1, end: 0.25, steps: 5, cycle: true });
    expect([5, 10, 15, 500].map(s)).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(s(6)).toBeGreaterThan(s(9));
  });

  test("an exponential decay is rate at steps, and its end bounds it", () => {
    expect(exponentialDecay({ init: 1, rate: 0.5, steps: 10 })(10)).toBe(0.5);
    expect(exponentialDecay({ init: 1, rate: 0.5, steps: 10, staircase: true })(9)).toBe(1);
    expect(exponentialDecay({ init: 1, rate: 0.5, end: 0.1 })(50)).toBe(0.1);
    expect(exponentialDecay({ init: 1, rate: 2, end: 100 })(50)).toBe(100);
  });

  test("a cycle is at min and max at its corners, whatever the lengths", () => {
    fc.assert(
      fc.property(count, count, fc.nat(1000), (up, down, n) => {
        const s = cyclic({ min: 1, max: 3, up, down });
        const start = n * (up + down);
        expect([s(start), s(start + up), s(start + up + down)]).toEqual([1, 3, 1]);
      }),
    );
  });

  test("triangular2 halves every cycle's height, exactly", () => {
    const s = cyclic({ min: 0, max: 1, up: 3, mode: "triangular2" });
    expect([3, 9, 15, 21].map(s)).toEqual([1, 0.5, 0.25, 0.125]);
  });

  test("gamma is for expRange only", () => {
    expect(cyclic({ min: 0, max: 1, up: 3, gamma: 0.5 })(3)).toBe(1);
    expect(cyclic({ min: 0, max: 1, up: 3, gamma: 0.5, mode: "expRange" })(3)).toBe(0.125);
  });

  test("an inverse-time decay is halved at steps / rate", () => {
    expect(inverseTimeDecay({ init: 1, rate: 0.5, steps: 4 })(8)).toBe(0.5);
    expect(inverseTimeDecay({ init: 1, rate: 1, steps: 4, staircase: true })(7)).toBe(0.5);
  });
});
