/** Schedules that stand in themselves many times over: what they cost is bounded, however they are made. */
import { describe, expect, test } from "vitest";
import {
  clamp,
  constant,
  cyclic,
  greedy,
  join,
  map,
  noisy,
  plateau,
  product,
  repeat,
  type Schedule,
  type ScheduleFunction,
  sample,
  scale,
  scheduleFromJSON,
  shift,
  warmup,
} from "../src/index.ts";
import * as optax from "../src/presets/optax/schedules.ts";
import * as torch from "../src/presets/torch/schedules.ts";
import { loose } from "./refusals.ts";

type Nest<S> = (s: S) => S;
const one = constant({ value: 0.5 });

/** Twice in each. Functions of the library's can also stand where a function of the user's does. */
const twice: Readonly<Record<string, Nest<Schedule>>> = {
  product: (s) => product([s, s]),
  join: (s) => join([s, s], [3]),
  map: (s) => map(s, s),
  joinSchedules: (s) => optax.joinSchedules([s, s], [3]),
  "product of scale and shift": (s) => product([scale(s, 0.5), shift(s, 1)]),
  "join of warmup and noisy": (s) => join([warmup(s, { steps: 2 }), noisy(s, {})], [4]),
  "map of plateau": (s) => map(s, plateau({ base: s })),
};

/** Once in each. */
const once: Readonly<Record<string, Nest<Schedule>>> = {
  clamp: (s) => clamp(s, { max: 1 }),
  cyclic: (s) => cyclic({ min: 0, max: 1, up: 3, scale: s }),
  lambdaLR: (s) => torch.lambdaLR(1, { lrLambda: s }),
  map: (s) => map(s, (value: number) => value),
  "map without a schedule": (s) => map(s),
  multiplicativeLR: (s) => torch.multiplicativeLR(1, { lrLambda: s }),
  noisy: (s) => noisy(s, {}),
  repeat: (s) => repeat(s, 7),
  scale: (s) => scale(s, 1),
  shift: (s) => shift(s, 1),
  "shift to the left": (s) => shift(s, -1),
  warmup: (s) => warmup(s, { steps: 2 }),
  "warmup, inclusive": (s) => warmup(s, { steps: 2, inclusive: true }),
  "warmup of no steps": (s) => warmup(s, { steps: 0 }),
};

/** The deepest that there may be, and what is said of the next. */
function deepest<S>(nest: Nest<S>, first: S): { readonly made: S; readonly levels: number; readonly error: unknown } {
  let made = first;
  for (let levels = 1; ; levels++) {
    try {
      made = nest(made);
    } catch (error) {
      return { made, levels, error };
    }
    if (levels > 10_000) throw new Error("there is no end to it");
  }
}

/** How many functions are called for a value: `nest` of one that counts. */
function calls(nest: Nest<Schedule>, levels: number): number {
  let calls = 0;
  let made: Schedule = map(() => {
    calls++;
    return 0.5;
  });
  for (let i = 0; i < levels; i++) made = nest(made);
  calls = 0;
  made(20);
  return calls;
}

const tooMany = /: schedules must be made of at most 10000, each counted as often as it stands in them, got \d+$/;

describe("twice in itself, again and again", () => {
  test.each(Object.entries(twice))("%s", (_, nest) => {
    const { made, levels, error } = deepest(nest, one);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(tooMany);
    expect(levels).toBeLessThan(15);
    expect(calls(nest, levels - 1)).toBeLessThanOrEqual(10_000);
    expect([...sample(made, { count: 3, start: 5 })]).toEqual([5, 6, 7].map(made));
  });

  test("torch's chainedScheduler, in closed form or not", () => {
    for (const first of [torch.exponentialLR(0.5, { gamma: 0.9 }), torch.cosineAnnealingLR(0.5, { tMax: 9 })]) {
      const { made, levels, error } = deepest((s: Schedule) => torch.chainedScheduler([s, s]), first);
      expect(String(error)).toMatch(tooMany);
      expect(String(error)).toContain("chainedScheduler");
      expect(levels).toBeLessThan(15);
      expect(made(3)).toBeGreaterThanOrEqual(0);
    }
  });

  test("a long list is no matter, and one too long is refused", () => {
    const list = (length: number) => Array<Schedule>(length).fill(one);
    expect(
      join(
        list(5000),
        Array.from({ length: 4999 }, (_, i) => i),
      )(4998),
    ).toBe(0.5);
    expect(product(list(9999))(0)).toBe(0);
    for (const length of [10_000, 1e6]) expect(() => product(list(length))).toThrow(tooMany);
  });
});

describe("deep in itself", () => {
  test.each(Object.entries(once))("%s", (name, nest) => {
    const { made, levels, error } = deepest(nest, one);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(/^\w+: schedules must be nested at most 64 deep$/);
    if (name in { clamp, noisy, repeat, scale, shift, warmup })
      expect(String(error)).toBe(`RangeError: ${name}: schedules must be nested at most 64 deep`);
    expect(levels).toBeLessThanOrEqual(64);
    expect([...sample(made, { count: 100 })]).toEqual(Array.from({ length: 100 }, (_, k) => made(k)));
  });

  test("schedules that metrics steer", () => {
    for (const make of [plateau, greedy]) {
      const { made, error } = deepest((base: ScheduleFunction) => make({ base }), one);
      expect(String(error)).toMatch(/^RangeError: (plateau|greedy): schedules must be nested at most 64 deep$/);
      expect(made(0)).toBe(0.5);
    }
  });

  test("to sample one that repeats takes no more pieces than values", () => {
    let pieces = 0;
    const counting = constant({ value: 0.5 });
    const { write } = counting.curve;
    Object.assign(counting.curve, {
      write(...args: Parameters<typeof write>) {
        pieces++;
        write(...args);
      },
    });
    let made: Schedule = counting;
    for (let every = 40; every > 0; every--) made = repeat(made, 41 - every);
    sample(made, { count: 100, start: 3 });
    expect(pieces).toBeGreaterThan(0);
    expect(pieces).toBeLessThanOrEqual(100);
  });
});

describe("JSON", () => {
  test("is as long as a schedule may be large", () => {
    const { made } = deepest(twice.product as Nest<Schedule>, one);
    const text = JSON.stringify(made);
    expect(text.length).toBeLessThan(10_000 * 50);
    expect(scheduleFromJSON(JSON.parse(text))(0)).toBe(made(0));
  });

  test("in which one object stands many times is refused when there are too many", () => {
    let data: object = one.toJSON();
    for (let i = 0; i < 50; i++) data = { schedule: "product", schedules: [data, data] };
    expect(() => loose(scheduleFromJSON)(data)).toThrow(RangeError);
    const wide = (part: object) => ({ schedule: "product", schedules: Array(9000).fill(part) });
    expect(() => loose(scheduleFromJSON)(wide(wide(one.toJSON())))).toThrow(
      new RangeError("scheduleFromJSON: schedules must be made of at most 10000"),
    );
  });
});
