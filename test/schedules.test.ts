import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BackendName,
  cosineRestarts,
  cyclic,
  exponentialDecay,
  inverseTimeDecay,
  multiStepDecay,
  polynomialDecay,
  polynomialWarmup,
  type Schedule,
  sample,
  scheduleFromJSON,
  stepDecay,
} from "../src/index.ts";
import { differences } from "./rig.ts";
import { arbitraries, endingTree, tree } from "./schedule-arbitraries.ts";

/** Values, or the message of what was thrown instead. */
function outcome(compute: () => Float64Array): Float64Array | string {
  try {
    return compute();
  } catch (error) {
    return (error as Error).message;
  }
}

/** How many values of two outcomes differ, or the outcomes where one is a message. */
function gap(a: Float64Array | string, b: Float64Array | string): unknown {
  if (typeof a === "string" || typeof b === "string") return a === b ? 0 : [a, b];
  return differences(a, b);
}

function expectSameBits(schedule: Schedule, count: number, start: number): void {
  const sampled = (backend: BackendName) => outcome(() => sample(schedule, { count, start, backend }));
  const called = outcome(() => Float64Array.from({ length: count }, (_, i) => schedule(start + i)));
  const gaps = [gap(sampled("wasm"), called), gap(sampled("plain"), called)];
  expect(gaps, JSON.stringify(schedule)).toEqual([0, 0]);
}

const count = fc.integer({ min: 1, max: 1000 });
const start = fc.oneof(fc.nat(5000), fc.constantFrom(2 ** 31, 2 ** 52));

describe.each(Object.entries<fc.Arbitrary<Schedule>>(arbitraries))("%s", (_, arbitrary) => {
  test("sample on WASM, on plain and one call at a time: the same bits", () => {
    fc.assert(fc.property(arbitrary, fc.nat(200), start, expectSameBits), { numRuns: 500 });
  });

  test("sample of more than its memory holds: the same bits", () => {
    fc.assert(
      fc.property(arbitrary, (schedule) => expectSameBits(schedule, 20_001, 0)),
      { numRuns: 10 },
    );
  });

  test("comes back from JSON as it was", () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(5000), (schedule, k) => {
        const back = scheduleFromJSON(JSON.parse(JSON.stringify(schedule)));
        expect(JSON.stringify(back)).toEqual(JSON.stringify(schedule));
        const values = [back, schedule].map((s) => outcome(() => Float64Array.of(s(k))));
        // JSON has no −0.
        expect(`${values[0]}`).toBe(`${values[1]}`);
      }),
    );
  });
});

describe("schedules of schedules", () => {
  test("sample on WASM, on plain and one call at a time: the same bits", () => {
    fc.assert(fc.property(tree, fc.nat(300), start, expectSameBits), { numRuns: 3000 });
  });

  test("where one of them ends, all ways to sample throw or none", () => {
    const property = fc.property(endingTree, fc.nat(300), start, (schedule, count, start) => {
      const ways = [
        outcome(() => sample(schedule, { count, start, backend: "wasm" })),
        outcome(() => sample(schedule, { count, start, backend: "plain" })),
        outcome(() => Float64Array.from({ length: count }, (_, i) => schedule(start + i))),
      ];
      // Which of them they name and at which index depends on what is evaluated first.
      const said = ways.map((way) =>
        typeof way === "string" ? way.replace(/^.*(, as after is "throw").*$/, "$1") : way,
      );
      for (const way of said) expect(gap(way, said[0])).toBe(0);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test("sample of more than its memory holds: the same bits", () => {
    fc.assert(
      fc.property(tree, (schedule) => expectSameBits(schedule, 20_001, 0)),
      { numRuns: 100 },
    );
  });

  test("go on at any index as if they had never stopped", () => {
    fc.assert(
      fc.property(tree, fc.nat(2000), fc.nat(2000), (schedule, a, b) => {
        const whole = sample(schedule, { count: a + b });
        const first = sample(schedule, { count: a });
        const again = scheduleFromJSON(JSON.parse(JSON.stringify(schedule)));
        const rest = sample(again, { start: a, count: b });
        // JSON has no −0.
        const plus = (x: number) => x + 0;
        expect(differences(whole.subarray(0, a), first)).toBe(0);
        expect(differences(whole.subarray(a).map(plus), rest.map(plus))).toBe(0);
      }),
    );
  });

  test("come back from JSON as they were", () => {
    fc.assert(
      fc.property(tree, (schedule) => {
        const json = JSON.stringify(schedule);
        expect(JSON.stringify(scheduleFromJSON(JSON.parse(json)))).toBe(json);
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

test("sample of powers of subnormal numbers: the same bits", () => {
  for (const power of [0.001, 0.5, 0.9]) expectSameBits(polynomialWarmup({ peak: 1, steps: 1.7e308, power }), 4, 0);
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
  for (const scales of ["peak", "height"] as const)
    expect(cosineRestarts({ init: 0, steps: 2, peakFactor: 2, scales })(5000)).toBe(0);
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
