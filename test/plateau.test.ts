import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { show } from "../src/common/show.ts";
import { constant, type Feedback, greedy, join, linear, map, plateau, sgd, stepDecay } from "../src/index.ts";
import { type Expectation, loose, refusals } from "./refusals.ts";

interface Case {
  readonly by: "torch" | "keras" | "optax" | "greedy";
  readonly metrics: string;
  readonly options: object;
  /** Pairs of an index and the lr from there on. */
  readonly changes: readonly (readonly [number, number])[];
}

const fixture: { base: number; metrics: Record<string, number[]>; cases: Case[] } = JSON.parse(
  readFileSync("test/fixtures/plateau.json", "utf8"),
);

/** The lr after each metric. */
const follow = (schedule: Feedback, metrics: readonly number[]): number[] =>
  metrics.map((metric, k) => {
    schedule.update(metric);
    return schedule(k);
  });

function changes(lrs: readonly number[], base: number): [number, number][] {
  return lrs.flatMap((lr, k): [number, number][] => (lr === (lrs[k - 1] ?? base) ? [] : [[k, lr]]));
}

/** base · (factor · factor …) against (base · factor) · factor …: 200 roundings of 2^-53 each at most; Keras's are of 2^-24. */
const tolerance = { torch: 200 * 2 ** -52, optax: 200 * 2 ** -52, greedy: 200 * 2 ** -52, keras: 200 * 2 ** -23 };

describe.each(fixture.cases)("as $by: $metrics $options", ({ by, metrics, options, changes: expected }) => {
  test("changes the lr after the same metrics, and to the same", () => {
    const { base } = fixture;
    const schedule = by === "greedy" ? greedy({ base, ...options }) : plateau({ base, counting: by, ...options });
    const found = changes(follow(schedule, fixture.metrics[metrics]), base);
    expect(found.map(([k]) => k)).toEqual(expected.map(([k]) => k));
    found.forEach(([, lr], i) => {
      expect(Math.abs(lr / expected[i][1] - 1)).toBeLessThan(tolerance[by]);
    });
  });
});

describe("the tests of torch and optax", () => {
  const times = (lists: readonly (readonly [number, number])[]) =>
    lists.flatMap(([lr, count]) => Array<number>(count).fill(lr));
  const golden: [string, Parameters<typeof plateau>[0], (i: number) => number, number[]][] = [
    [
      "abs",
      { rtol: 0, atol: 0.1, patience: 5 },
      (i) => 10 - 0.0165 * i,
      times([
        [0.5, 6],
        [0.05, 7],
        [0.005, 7],
        [0.0005, 2],
      ]),
    ],
    [
      "max, abs, cooldown",
      { mode: "max", rtol: 0, atol: 1e-4, patience: 5, cooldown: 5 },
      (i) => (i < 2 ? -0.8 : -0.234),
      times([
        [0.5, 8],
        [0.05, 11],
        [0.005, 1],
      ]),
    ],
    [
      "max, rel, cooldown",
      { mode: "max", rtol: 0.1, patience: 5, cooldown: 5 },
      (i) => 1.5 * 1.005 ** i,
      times([
        [0.5, 6],
        [0.05, 11],
        [0.005, 1],
      ]),
    ],
  ];
  test.each(golden)("torch: %s", (_, options, metric, lrs) => {
    const found = follow(
      plateau({ base: 0.5, ...options }),
      Array.from(lrs, (_, i) => metric(i)),
    );
    // torch's own tolerance.
    found.forEach((lr, i) => {
      expect(Math.abs(lr - lrs[i])).toBeLessThan(1e-5);
    });
  });

  test("optax: six equal values with patience 5 and cooldown 5", () => {
    const schedule = plateau({ counting: "optax", patience: 5, cooldown: 5 });
    follow(schedule, Array(6).fill(1));
    expect(schedule.scale).toBe(0.1);
    expect(schedule.save().cooldown).toBe(5);
  });
});

const metrics = fc.array(fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom(NaN, Infinity)), {
  maxLength: 80,
});
const makers: readonly [string, () => Feedback][] = [
  ["plateau", () => plateau({ factor: 0.5, patience: 2, cooldown: 3, every: 2, min: 0.01 })],
  ["greedy", () => greedy({ factor: 0.5, patience: 1, cooldown: 2, warmup: 1, window: 3, reset: 2, min: 0.1 })],
];

describe.each(makers)("%s", (name, make) => {
  const scales = name === "plateau" ? "in [0.01, 1]" : "in [0.1, 10]";
  const counts = name === "plateau" ? "a whole number in [0, 2]" : "a whole number in [0, 1]";

  test("goes on from what was saved, through JSON, as if it had never stopped", () => {
    fc.assert(
      fc.property(metrics, metrics, (before, after) => {
        const [whole, first, second] = [make(), make(), make()];
        follow(whole, before);
        follow(first, before);
        second.load(JSON.parse(JSON.stringify(first.save())));
        expect(second.scale).toBe(whole.scale);
        expect(JSON.stringify(second.save())).toBe(JSON.stringify(first.save()));
        expect(follow(second, after)).toEqual(follow(whole, after));
      }),
    );
  });

  test("what was saved does not change with what comes", () => {
    const schedule = make();
    follow(schedule, [3, 2]);
    const saved = schedule.save();
    const copy = structuredClone(saved);
    follow(schedule, [1, 5, 5, 5, 5]);
    expect(saved).toEqual(copy);
  });

  test("multiplies any schedule, also one of its own kind, and steers an optimizer", () => {
    const inner = plateau({ base: stepDecay({ init: 8, rate: 0.5, every: 2 }), patience: 0, factor: 0.5 });
    const outer = plateau({ base: inner, patience: 0, factor: 0.25 });
    expect([0, 1, 2].map(outer)).toEqual([8, 8, 4]);
    inner.update(1);
    inner.update(1);
    expect([0, 1, 2].map(outer)).toEqual([4, 4, 2]);
    outer.update(1);
    outer.update(1);
    const optimizer = sgd({ x: [1] }, { lr: outer });
    optimizer.grads.x[0] = 1;
    for (const lr of [1, 1, 0.5]) {
      optimizer.step();
      expect(optimizer.lr).toBe(lr);
    }
  });

  test("is a stage of a join, from its own index 0 on, that a metric can reach at any time", () => {
    const schedule = name === "plateau" ? plateau : greedy;
    const decay = stepDecay({ init: 8, rate: 0.5, every: 2 });
    const steered = schedule({ base: decay, factor: 0.5, patience: 0 });
    const lr = join([linear({ init: 0, end: 8, steps: 4 }), map(steered), constant({ value: 1 })], [4, 8]);
    const optimizer = sgd({ x: [1] }, { lr });
    const lrs = Array.from({ length: 10 }, (_, k) => {
      optimizer.grads.x[0] = 1;
      optimizer.step();
      // The second metric is no better than the first.
      if (k === 0) steered.update(2);
      if (k === 5) steered.update(3);
      return optimizer.lr;
    });
    // greedy has raised its scale at the first.
    const [before, after] = name === "plateau" ? [1, 0.5] : [2, 1];
    expect(lrs).toEqual([0, 2, 4, 6, 8 * before, 8 * before, 4 * after, 4 * after, 1, 1]);
  });

  test.each([[undefined], [{}], [{ scale: 1 }], ["saved"], [null]])("does not load %s", (saved) => {
    const schedule = make();
    expect(() => loose(schedule.load)(saved)).toThrow(
      new TypeError(`${name}: what is loaded must be what save() gave, got ${show(saved)}`),
    );
    expect(schedule.scale).toBe(1);
  });

  test.each([
    ["scale", -5, scales, "-5"],
    ["scale", null, scales, "NaN"],
    ["scale", 10.5, scales, "10.5"],
    ["best", Infinity, "a finite number or null", "Infinity"],
    ["bad", -1, counts, "-1"],
    ["bad", 0.5, counts, "0.5"],
    ["bad", null, counts, "NaN"],
    ["bad", 11, counts, "11"],
  ])("does not load a %s of %s", (key, value, range, shown) => {
    const schedule = make();
    follow(schedule, [3, 2, 2, 2, 2]);
    const before = schedule.save();
    expect(() => schedule.load({ ...make().save(), [key]: value })).toThrow(
      new RangeError(`${name}: the saved ${key} must be ${range}, got ${shown}`),
    );
    expect(() => loose(schedule.load)({ ...make().save(), [key]: "1" })).toThrow(
      new TypeError(`${name}: the saved ${key} must be a number, got "1"`),
    );
    expect(schedule.save()).toEqual(before);
  });

  test("says at which index its base gives no number", () => {
    const schedule = name === "plateau" ? plateau : greedy;
    const of = (value: unknown) => schedule({ base: () => value as number });
    expect(() => of("1")(7)).toThrow(new TypeError(`${name}: base must be a number or a schedule, got "1" at step 7`));
    expect(() => of(NaN)(7)).toThrow(new RangeError(`${name}: base must be a finite number, got NaN at step 7`));
  });

  test("refuses a metric that is no number", () => {
    expect(() => loose(make().update)("1")).toThrow(new TypeError(`${name}: a metric must be a number, got "1"`));
  });
});

test.each<[string, number, () => Feedback]>([
  ["bad", 2, makers[0][1]],
  ["cooldown", 3, makers[0][1]],
  ["count", 1, makers[0][1]],
  ["good", 1, makers[1][1]],
  ["bad", 1, makers[1][1]],
  ["pause", 2, makers[1][1]],
  ["floored", 1, makers[1][1]],
])("%s is loaded up to %i, which is all that these options let it be", (key, most, make) => {
  const schedule = make();
  const saved = schedule.save();
  schedule.load({ ...saved, [key]: most });
  expect(schedule.save()).toEqual({ ...saved, [key]: most });
  const beyond = { ...saved, [key]: most + 1 };
  expect(() => schedule.load(beyond)).toThrow(`the saved ${key} must be a whole number in [0, ${most}]`);
  expect(schedule.save()).toEqual({ ...saved, [key]: most });
});

test("what is no save, or has a hole, is refused in our words", () => {
  const schedule = greedy({ window: 3 });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(() => loose(schedule.load)(proxy)).toThrow("what is loaded must be what save() gave");
  expect(() => loose(schedule.load)({ ...schedule.save(), window: new Array(2) })).toThrow(
    "greedy: the saved window must be an array of numbers",
  );
});

test.each([
  [[1, 2, 3, 4], "[1, 2, 3, 4]"],
  [[Infinity], "[Infinity]"],
])("greedy with a window of 3 does not load one of %j", (window, shown) => {
  const schedule = greedy({ window: 3 });
  expect(() => schedule.load({ ...schedule.save(), window })).toThrow(
    new RangeError(`greedy: the saved window must be at most 3, each a finite number or null, got ${shown}`),
  );
});

describe("how far a scale moves", () => {
  test("by more than eps or not at all", () => {
    const lr = plateau({ factor: 0.5, patience: 0, eps: 0.125 });
    expect(follow(lr, [1, 1, 1, 1, 1])).toEqual([1, 0.5, 0.25, 0.25, 0.25]);
    const both = greedy({ factor: 0.5, patience: 0, eps: 1 });
    expect(follow(both, [5, 5, 4, 3, 3, 3])).toEqual([1, 1, 1, 1, 1, 1]);
    const up = greedy({ factor: 0.5, patience: 0, eps: 0.75 });
    expect(follow(up, [5, 4, 3, 3, 3, 3])).toEqual([2, 4, 8, 4, 2, 1]);
  });

  test("greedy's goes back between the bounds only by itself", () => {
    expect(follow(greedy({ factor: 0.5, patience: 0, min: 3 }), [5, 5, 5, 4, 3, 3])).toEqual([2, 2, 2, 4, 8, 4]);
    expect(follow(greedy({ factor: 0.5, patience: 0, max: 0.75 }), [5, 4, 4, 4, 3, 2])).toEqual([
      1, 1, 0.5, 0.25, 0.5, 0.75,
    ]);
    expect(() => greedy({ min: 3, max: 2 })).toThrow(new RangeError("greedy: min must be ≤ max, got 3 and 2"));
  });
});

describe("what is better", () => {
  test.each(["min", "max"] as const)("a metric that stays the same never is, of whatever sign: %s", (mode) => {
    for (const metric of [-3, 0, 3]) {
      const schedule = plateau({ mode, patience: 1, rtol: 0.1 });
      follow(schedule, [metric, metric, metric]);
      expect(schedule.scale).toBe(0.1);
    }
  });

  test("what is not finite never is, nor is it in the way of what comes later", () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const schedule = plateau({ patience: 1 });
      follow(schedule, [bad, 3, 2, bad, 1]);
      expect(schedule.scale).toBe(1);
      follow(schedule, [bad, bad]);
      expect(schedule.scale).toBe(0.1);
    }
  });
});

const whole = { range: "a whole number ≥ 0", bad: [-1, 0.5, NaN], type: "a number" };
const count = { range: "a whole number > 0", bad: [0, 1.5, NaN], type: "a number" };
const share = { range: "in [0, 1)", bad: [-0.1, 1, NaN], type: "a number" };
const nonNegative = { range: "a finite number ≥ 0", bad: [-1, Infinity], type: "a number" };
const expectations: Readonly<Record<string, Expectation>> = {
  base: { range: "a finite number", bad: [NaN, Infinity] },
  factor: { range: "in (0, 1)", bad: [0, 1, NaN], type: "a number" },
  patience: whole,
  cooldown: whole,
  warmup: whole,
  mode: { range: 'one of "min", "max"', bad: ["auto"], type: 'one of "min", "max"', wrong: [1] },
  rtol: share,
  atol: nonNegative,
  min: share,
  "greedy.min": nonNegative,
  max: { range: "a finite number > 0", bad: [0, -1, Infinity], type: "a number" },
  eps: nonNegative,
  every: count,
  window: count,
  reset: count,
  counting: {
    range: 'one of "torch", "optax", "keras"',
    bad: ["timm"],
    type: 'one of "torch", "optax", "keras"',
    wrong: [2],
  },
};
const common = ["base", "factor", "patience", "mode", "rtol", "atol", "cooldown", "min", "eps"] as const;

describe.each([
  ["plateau", plateau, [...common, "every", "counting"]],
  ["greedy", greedy, [...common, "warmup", "max", "window", "reset"]],
] as const)("%s", (name, make, keys) => {
  test.each([...keys])("refuses a bad %s, and says why", (key) => {
    for (const { value, error } of refusals(name, key, expectations[`${name}.${key}`] ?? expectations[key]))
      expect(() => loose(make)({ [key]: value })).toThrow(error);
  });

  test("refuses an option that does not exist", () => {
    expect(() => loose(make)({ minLr: 1 })).toThrow(
      `${name}: unknown option minLr (did you mean min?), expected one of base, factor`,
    );
  });
});
