/** What schedules promise: exact joints, what comes after the end, and what combinators make of them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  clamp,
  constant,
  cosineDecay,
  cosineRestarts,
  cyclic,
  exponentialDecay,
  inverseSqrtDecay,
  inverseTimeDecay,
  join,
  linear,
  map,
  multiStepDecay,
  noisy,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomialDecay,
  polynomialWarmup,
  product,
  repeat,
  rex,
  type Schedule,
  sample,
  scale,
  shift,
  stepDecay,
  tanhDecay,
  warmup,
  warmupCosine,
  warmupStableDecay,
} from "../src/index.ts";
import { restarts } from "./restarts.ts";

type After = "hold" | "mirror" | "zero";

describe("a last step and what comes after it", () => {
  const options = { init: 3, end: 1, steps: 8 };
  const kinds = {
    linear: (after: After) => linear({ ...options, after }),
    cosineDecay: (after: After) => cosineDecay({ ...options, after }),
    "cosineDecay, power": (after: After) => cosineDecay({ ...options, power: 2.5, after }),
    rex: (after: After) => rex({ ...options, after }),
    tanhDecay: (after: After) => tanhDecay({ ...options, after }),
    polynomialDecay: (after: After) => polynomialDecay({ ...options, power: 0.7, after }),
    polynomialWarmup: (after: After) => polynomialWarmup({ init: 1, peak: 2, steps: 8, power: 2, after }),
    piecewiseInterpolate: (after: After) => piecewiseInterpolate({ boundaries: [2, 8], values: [1, 3, 2], after }),
    oneCycle: (after: After) => oneCycle({ peak: 1, steps: 9, after }),
  };

  describe.each(Object.entries(kinds))("%s", (_, make) => {
    const values = Array.from({ length: 9 }, (_, k) => make("hold")(k));

    test("hold: its value again", () => {
      expect([9, 17, 1e9].map(make("hold"))).toEqual([values[8], values[8], values[8]]);
    });

    test("zero: 0, but not yet at the last step", () => {
      expect([8, 9, 1e9].map(make("zero"))).toEqual([values[8], 0, 0]);
    });

    test("mirror: the way back, and forth again", () => {
      const there = make("mirror");
      for (let k = 0; k <= 64; k++) {
        const from = k % 16;
        expect(there(k), `index ${k}`).toBeCloseTo(values[from <= 8 ? from : 16 - from], 14);
      }
      expect([0, 8, 24].map(there)).toEqual([values[0], values[8], values[8]]);
    });
  });

  test("need not be whole: the end is reached after it", () => {
    expect([10, 11].map(linear({ init: 1, end: 0, steps: 10.5 }))).toEqual([1 - 10 / 10.5, 0]);
    expect(cosineDecay({ init: 1, steps: 10.5 })(11)).toBe(0);
  });
});

describe("ends are exact", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const steps = fc.integer({ min: 1, max: 1e6 });
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });

  test("init at index 0 and end at the last step, whatever they are", () => {
    fc.assert(
      fc.property(value, value, steps, (init, end, steps) => {
        for (const make of [linear, cosineDecay, rex]) {
          const s = make({ init, end, steps });
          expect([s(0) + 0, s(steps) + 0]).toEqual([init + 0, end + 0]);
        }
        const flat = cosineDecay({ init, end: init, steps });
        expect([steps >> 1, steps >> 2].map(flat)).toEqual([init, init]);
      }),
    );
  });

  test("a cosine decay never leaves its range and is within 1e-15 of the cosine", () => {
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (steps, q) => {
        const k = Math.floor(q * steps);
        const s = cosineDecay({ init: 1, steps })(k);
        expect(s).toBeGreaterThanOrEqual(0);
        expect(s).toBeLessThanOrEqual(1);
        expect(Math.abs(s - (0.5 + 0.5 * Math.cos((Math.PI * k) / steps)))).toBeLessThan(1e-15);
      }),
    );
  });

  test("a monotone schedule is between its neighbours where k is not whole", () => {
    const falling = (init: number, end: number, steps: number) => [
      linear({ init, end, steps }),
      cosineDecay({ init, end, steps }),
      cosineDecay({ init, end, steps, power: 1.7 }),
      rex({ init, end, steps }),
      tanhDecay({ init, end, steps }),
      polynomialDecay({ init, end, steps, power: 0.7 }),
      polynomialWarmup({ init, peak: end, steps, power: 2.5 }),
      piecewiseInterpolate({ boundaries: [steps], values: [init, end], shape: "cosine" }),
      warmupStableDecay({ peak: init, end, decay: steps, shape: "cosine" }),
      exponentialDecay({ init, rate: 0.9, steps }),
      inverseTimeDecay({ init, rate: 0.9, steps }),
      inverseSqrtDecay({ peak: init, timescale: steps }),
    ];
    fc.assert(
      fc.property(value, value, fc.integer({ min: 1, max: 3000 }), fc.nat(4000), fraction, (init, end, steps, k, f) => {
        for (const s of falling(init, end, steps)) {
          const [low, high] = [s(k), s(k + 1)].sort((a, b) => a - b);
          // A cosine's error is 5e-16 of the way, and each of the two may have it; rounding comes to as much.
          const error = 1e-15 * (Math.abs(init) + Math.abs(end));
          expect(s(k + f)).toBeGreaterThanOrEqual(low - error);
          expect(s(k + f)).toBeLessThanOrEqual(high + error);
        }
      }),
    );
  });

  test("any schedule is in its range where k is not whole", () => {
    const all = [
      cosineDecay({ init: 1, steps: 7.5, after: "mirror" }),
      cosineRestarts({ init: 1, steps: 3.5, stepsFactor: 1.5 }),
      cyclic({ min: 0, max: 1, up: 3, down: 2 }),
      multiStepDecay({ init: 1, rate: 0.5, milestones: [2, 9] }),
      noisy(constant({ value: 0.5 }), { pct: 0.9 }),
      oneCycle({ peak: 1, steps: 20, threePhase: true }),
      piecewiseConstant({ boundaries: [2, 9], values: [0.1, 1, 0] }),
      piecewiseInterpolate({ boundaries: [2, 9], values: [0.1, 1, 0] }),
      polynomialDecay({ init: 1, steps: 5, cycle: true }),
      repeat(cosineDecay({ init: 1, steps: 9 }), 4),
      shift(cosineDecay({ init: 1, steps: 9 }), 3),
      stepDecay({ init: 1, rate: 0.5, every: 3 }),
      warmupCosine({ peak: 1, warmup: 3, steps: 20 }),
    ];
    fc.assert(
      fc.property(fc.nat(40), fraction, (k, f) => {
        for (const s of all) {
          expect(s(k + f)).toBeGreaterThanOrEqual(0);
          expect(s(k + f)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("a piecewise interpolation is at its values at its boundaries", () => {
    for (const shape of ["linear", "cosine"] as const) {
      const s = piecewiseInterpolate({ boundaries: [3, 3, 10, 40], values: [0.1, 0.7, 0.3, -0.9, 0.2], shape });
      expect([0, 3, 10, 40, 41].map(s)).toEqual([0.1, 0.3, -0.9, 0.2, 0.2]);
    }
  });

  test("a new value of a piecewise constant holds from its boundary on", () => {
    const s = piecewiseConstant({ boundaries: [2, 2, 5], values: [1, 2, 3, 4] });
    expect([0, 1, 2, 4, 5].map(s)).toEqual([1, 1, 3, 3, 4]);
    expect(piecewiseConstant({ boundaries: [], values: [7] })(3)).toBe(7);
  });

  test("what tanhDecay and inverseSqrtDecay do by default", () => {
    const tanh = tanhDecay({ init: 1, steps: 10 });
    for (const [k, x] of [
      [0, -7],
      [10, 3],
    ])
      expect(tanh(k)).toBeCloseTo(0.5 - 0.5 * Math.tanh(x), 15);
    expect([0, 30_000].map(inverseSqrtDecay({ peak: 1 }))).toEqual([1, 0.5]);
    expect([5, 10, 40].map(inverseSqrtDecay({ peak: 1, warmup: 10 }))).toEqual([0.5, 1, 0.5]);
  });

  test("a one-cycle of the least length is at its peak, then at its least", () => {
    expect([0, 1, 2].map(oneCycle({ peak: 1, steps: 2, div: 4, finalDiv: 8 }))).toEqual([1, 1 / 32, 1 / 32]);
  });
});

describe("restarts", () => {
  test("440 of them: the peak, exactly, and one index before near the end", () => {
    expect(restarts.length).toBe(440);
    for (const { steps, factor: stepsFactor, at, length } of restarts) {
      const s = cosineRestarts({ init: 0.7, end: 0.1, steps, stepsFactor });
      expect(s(at), `${steps}, ${stepsFactor}, ${at}`).toBe(0.7);
      const [sampled] = sample(s, { start: at, count: 1, backend: "wasm" });
      expect(sampled).toBe(0.7);
      expect(s(at - 1)).toBeCloseTo(0.4 + 0.3 * Math.cos(Math.PI * (1 - 1 / length)), 14);
    }
  });

  test("there is an answer where there is no index any more", () => {
    const line = constant({ value: 1 });
    expect(cosineRestarts({ init: 1, steps: 10, stepsFactor: 2 })(Infinity)).toBeNaN();
    expect(cosineRestarts({ init: 1, steps: 10, stepsFactor: 2 })(1e300)).toBeLessThanOrEqual(1);
    expect([1e300, Infinity].map(noisy(line, {}))).toEqual([1, 1]);
  });

  test("of equal length, every one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.nat(1e6), (steps, n) => {
        expect(cosineRestarts({ init: 0.7, end: 0.1, steps })(steps * n)).toBe(0.7);
      }),
    );
  });

  test("between two indices: the first after one is as far into its cycle", () => {
    const s = cosineRestarts({ init: 1, steps: 2.5 });
    [0, 1, 2, 0.5, 1.5, 0, 1].forEach((into, k) => {
      expect(s(k), `index ${k}`).toBeCloseTo(0.5 + 0.5 * Math.cos((Math.PI * into) / 2.5), 15);
    });
  });

  test("the peaks shrink, or what they are above the end", () => {
    const options = { init: 8, end: 4, steps: 2, stepsFactor: 2, peakFactor: 0.5 };
    const starts = [0, 2, 6, 14];
    expect(starts.map(cosineRestarts(options))).toEqual([8, 4, 2, 1]);
    expect(starts.map(cosineRestarts({ ...options, scales: "height" }))).toEqual([8, 6, 5, 4.5]);
    expect(cosineRestarts({ ...options, scales: "height" })(4)).toBe((6 + 4) / 2);
  });
});

describe("a stable learning rate with a decay", () => {
  const shapes = ["linear", "cosine", "1-sqrt", "1-square", "exponential"] as const;

  test.each(shapes)("%s: from peak to end without a jump to the floor", (shape) => {
    const s = warmupStableDecay({ peak: 1, warmup: 10, stable: 20, decay: 1000, end: 0.1, shape });
    expect([0, 5, 10, 29, 30].map(s)).toEqual([0, 0.5, 1, 1, 1]);
    const values = sample(s, { start: 30, count: 1002 });
    for (let i = 1; i <= 1000; i++) expect(values[i]).toBeLessThan(values[i - 1]);
    expect([values[1000], values[1001]]).toEqual([0.1, 0.1]);
    // A square root is steep where it starts, all are gentle where they end.
    expect(values[999] - 0.1).toBeLessThan(2.5e-3);
  });

  test("its parts may be left out", () => {
    expect([0, 1, 2].map(warmupStableDecay({ peak: 2, decay: 2 }))).toEqual([2, 1, 0]);
    expect([0, 5, 10].map(warmupCosine({ peak: 2, steps: 10 }))).toEqual([2, 1, 0]);
  });
});

describe("what is made of others", () => {
  const line = linear({ init: 10, end: 0, steps: 10 });
  const two = constant({ value: 2 });
  const first = (schedule: Schedule, count: number) => [...sample(schedule, { count })];

  test("join: each from its own index 0 on, from its boundary on", () => {
    expect(first(join([line, two, line], [2, 3]), 5)).toEqual([10, 9, 2, 10, 9]);
    expect(first(join([line, two, line], [2, 2]), 4)).toEqual([10, 9, 10, 9]);
  });

  test("product, scale, clamp", () => {
    expect(first(product([line, two, line]), 3)).toEqual([200, 162, 128]);
    expect(first(scale(line, 0.5), 3)).toEqual([5, 4.5, 4]);
    expect(first(clamp(line, { min: 8.5, max: 9.5 }), 4)).toEqual([9.5, 9, 8.5, 8.5]);
  });

  test("shift: later with its first value held, or earlier", () => {
    expect(first(shift(line, 2), 5)).toEqual([10, 10, 10, 9, 8]);
    expect(first(shift(line, -2), 3)).toEqual([8, 7, 6]);
  });

  test("repeat", () => {
    expect(first(repeat(line, 3), 8)).toEqual([10, 9, 8, 10, 9, 8, 10, 9]);
    expect([...sample(repeat(line, 3), { start: 3e9 + 2, count: 3 })]).toEqual([8, 10, 9]);
  });

  test("map: a function of the index, or of a value and its index", () => {
    expect(
      first(
        map((k) => k * k),
        4,
      ),
    ).toEqual([0, 1, 4, 9]);
    expect(
      first(
        map(line, (value, k) => value * k),
        3,
      ),
    ).toEqual([0, 9, 16]);
  });

  test("a function of the user's may sample", () => {
    const inner = map(line, (_, k) => sample(scale(line, 2), { start: k, count: 1 })[0]);
    expect(first(product([inner, inner]), 3)).toEqual([400, 324, 256]);
  });

  test("warmup: up to the schedule's first value, then the schedule or, inclusive, what is left of it", () => {
    expect(first(warmup(line, { steps: 2 }), 4)).toEqual([0, 5, 10, 9]);
    expect(first(warmup(line, { steps: 2, from: 4, inclusive: true }), 4)).toEqual([4, 7, 8, 7]);
    expect(first(warmup(line, { steps: 4, shape: "1-sqrt" }), 5)[3]).toBe(5);
    expect(first(warmup(line, { steps: 2, shape: "cosine" }), 3)).toEqual([0, 5, 10]);
  });

  test("warmup: of no steps, the schedule itself", () => {
    for (const inclusive of [false, true])
      expect(first(warmup(line, { steps: 0, from: 4, inclusive }), 4)).toEqual([10, 9, 8, 7]);
    expect(
      warmup(
        map((k) => k - Infinity),
        { steps: 0 },
      )(3),
    ).toBe(-Infinity);
  });

  test("cyclic: a scale of the user's, by cycle from 1 or by index", () => {
    const triangle = { min: 1, max: 3, up: 2 };
    expect(first(cyclic({ ...triangle, scale: (cycle) => 1 / cycle }), 9)).toEqual([1, 2, 3, 2, 1, 1.5, 2, 1.5, 1]);
    expect(first(cyclic({ ...triangle, scale: (k) => k, scaleOf: "index" }), 5)).toEqual([1, 2, 5, 4, 1]);
    // What torch's modes are, by the user's own function.
    const halved = cyclic({ ...triangle, scale: (cycle) => 2 ** (1 - cycle) });
    expect(first(halved, 50)).toEqual(first(cyclic({ ...triangle, mode: "triangular2" }), 50));
  });
});

describe("noise", () => {
  const one = constant({ value: 1 });
  const noise = (options: Parameters<typeof noisy>[1], count = 20_000) =>
    sample(noisy(one, options), { count }).map((value) => value - 1);

  test("is where it is asked for and nowhere else", () => {
    const zeros = noise({ from: 10, until: 15 }, 30).map((z) => Number(z !== 0));
    expect([...zeros]).toEqual([...Array(10).fill(0), ...Array(5).fill(1), ...Array(15).fill(0)]);
  });

  test("stays below pct and is the truncated distribution", () => {
    for (const distribution of ["normal", "uniform"] as const) {
      const z = noise({ pct: 0.5, distribution });
      expect(Math.max(...z.map(Math.abs))).toBeLessThan(0.5);
      const mean = z.reduce((sum, x) => sum + x) / z.length;
      const variance = z.reduce((sum, x) => sum + x * x) / z.length;
      // 1/12 for the uniform; for the normal 1 − φ(½) / (Φ(½) − ½). Four standard errors: 0.29 · 4 / √20,000 and 0.075 · 4 / √20,000.
      expect(Math.abs(mean)).toBeLessThan(0.0083);
      const expected = distribution === "uniform" ? 1 / 12 : 1 - 0.3520653267642995 / (2 * 0.1914624612740131);
      expect(Math.abs(variance - expected)).toBeLessThan(0.0022);
    }
  });

  test("is the same for the same seed, another for another, whatever the order", () => {
    const a = noise({ seed: 7 }, 100);
    expect(a).toEqual(noise({ seed: 7 }, 100));
    expect(a).not.toEqual(noise({ seed: 8 }, 100));
    expect(a).not.toEqual(noise({ seed: 7 + 2 ** 32 }, 100));
    const s = noisy(one, { seed: 7 });
    expect([99, 3, 50].map((k) => s(k) - 1)).toEqual([a[99], a[3], a[50]]);
  });

  test("goes with the value", () => {
    const line = linear({ init: 1, end: 2, steps: 50 });
    const [a, b] = [line, one].map((schedule) => sample(noisy(schedule, {}), { count: 60 }));
    expect([...a]).toEqual([...b].map((factor, k) => line(k) * factor));
  });
});
