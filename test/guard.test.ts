/** What an optimizer can bear, and what it is given in place of a divisor of 0. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBackend } from "../src/backends/index.ts";
import { exponentFor } from "../src/common/bearing.ts";
import type { OptionType } from "../src/common/options.ts";
import type { Dtype } from "../src/common/types.ts";
import { commonOptions, type Spec } from "../src/engine/spec.ts";
import { Arena, type Optimizer } from "../src/index.ts";
import { runs } from "./long.ts";
import { all, makers } from "./makers.ts";

const dtypes: readonly Dtype[] = ["f32", "f64"];
const specs: readonly Spec[] = all.map(({ spec }) => spec);
const LARGEST = { f32: 3.4028234663852886e38, f64: Number.MAX_VALUE };
const SHAPES = { a: [5], b: [3, 2] };
const RUNS = runs(3, 60);
type Any = Optimizer<typeof SHAPES>;

/** Ends of ranges, and what lies between; rates and decays with which the parameters stay where they belong. */
const extremes = [0, 1e-46, 1e-30, 1e-8, 0.01, 0.5, 0.9, 0.999, 1 - 2 ** -20, 1 - 2 ** -53, 1];
const sane: Readonly<Record<string, readonly number[]>> = {
  lr: [1e-4, 1e-2],
  adamLr: [1e-4],
  weightDecay: [0, 0.01],
  adamWeightDecay: [0, 0.01],
  hypergradLr: [0, 1e-8],
  clipValue: [1e30, 1e-3, Infinity],
  clipTensorNorm: [1e30, 1, Infinity],
  clipAdaptive: [0.01, Infinity],
  gradNoise: [0, 1],
  gradScale: [1e-30, 1, 1e30],
  dampening: [0, 1, 3],
  nsSteps: [1, 5],
  nsA: [],
  nsB: [],
  nsC: [],
  alpha: [0.5, 0.999],
  lambd: [1e-4],
  l2Shrinkage: [],
  trustCoeff: [1e-3],
  d0: [1e-6],
};

function anyOf(name: string, kind: OptionType<unknown>): fc.Arbitrary<unknown> {
  if (kind.isType(true)) return fc.boolean();
  if (kind.words) return fc.constantFrom(...kind.words);
  const inRange = (sane[name] ?? extremes).filter((x) => kind.inRange(x));
  if (name === "lr" || name === "adamLr") return fc.constantFrom(...inRange);
  return inRange.length > 0 ? fc.option(fc.constantFrom(...inRange), { nil: undefined }) : fc.constant(undefined);
}

const common: Readonly<Record<string, OptionType<unknown>>> = commonOptions;

function optionsOf(spec: Spec): fc.Arbitrary<Record<string, unknown>> {
  const table = { ...spec.options, ...common };
  // The gradient that L2 decay makes of parameters which a hypergradient has sent far away is nobody's. dadaptAdam's estimate is over
  // 1 − beta1, and goes away by itself where that is the last digit of 1.
  const others: Readonly<Record<string, readonly string[]>> = {
    sgdHd: ["weightDecay"],
    dadaptAdam: ["beta1", "weightDecay"],
  };
  const left = ["trainable", ...(others[spec.name] ?? [])];
  const own = Object.keys(table).filter((name) => !left.includes(name));
  const record = fc.record(Object.fromEntries(own.map((name) => [name, anyOf(name, table[name])])));
  return record.filter((given) => {
    const filled = Object.fromEntries(own.map((name) => [name, given[name] ?? table[name].fallback]));
    return spec.conflict?.(filled) === undefined;
  });
}

const specOf = (name: string): Spec => specs.find((spec) => spec.name === name) as Spec;

const make = (spec: Spec, options: object): Any =>
  (makers[spec.name] as unknown as (params: typeof SHAPES, options: object) => Any)(SHAPES, options);

const keys = ["a", "b"] as const;

/** Whether everything that a step leaves behind is finite. */
function staysFinite(optimizer: Any): boolean {
  return keys.every((key) => {
    const state: Readonly<Record<string, Float32Array | Float64Array>> = optimizer.state(key);
    const carried: Readonly<Record<string, number>> = optimizer.carried(key);
    const arrays = [optimizer.params[key], ...Object.values(state), Object.values(carried)];
    return arrays.every((array) => Array.from(array).every(Number.isFinite));
  });
}

const set = (optimizer: Any, at: (i: number) => number): void => {
  let i = 0;
  for (const key of keys) for (let j = 0; j < optimizer.grads[key].length; j++) optimizer.grads[key][j] = at(i++);
};

/** To make a memory of its own for each of thousands takes most of the time. */
const arena = new Arena({ bytes: 1 << 16 });

/** Runs with an optimizer that is disposed of afterwards. */
function trying<R>(spec: Spec, options: object, run: (optimizer: Any) => R): R {
  const optimizer = make(spec, { ...options, arena });
  try {
    return run(optimizer);
  } finally {
    optimizer.dispose();
  }
}

/** The exponent of the largest power of two that a fresh optimizer takes as a gradient. */
function most(spec: Spec, options: object, dtype: Dtype): number {
  let [low, high] = dtype === "f32" ? [-126, 128] : [-1022, 1024];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const takes = trying(spec, options, (optimizer) => {
      set(optimizer, () => 2 ** middle);
      optimizer.step();
      return optimizer.skipped === 0;
    });
    if (takes) low = middle;
    else high = middle;
  }
  return low;
}

/** How the gradients of 60 steps go: their signs, and what share of them is at the limit, of any size, or 0. */
const courses = fc.record({
  seed: fc.integer(),
  sign: fc.constantFrom("constant", "alternating", "random"),
  sparse: fc.constantFrom(0, 0.3, 0.95),
  large: fc.constantFrom(0.05, 0.5, 1),
});

describe.each(specs)("$name", (spec) => {
  test.each(dtypes)("%s: no finite gradient makes anything infinite", (dtype) => {
    const property = fc.property(optionsOf(spec), courses, (given, { seed, sign, sparse, large }) => {
      const options = { ...given, dtype };
      const top = most(spec, options, dtype);
      const optimizer = make(spec, { ...options, arena });
      let state = seed | 0;
      const next = () => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        return (state >>> 8) / 16777216;
      };
      for (const key of keys) optimizer.params[key].set(optimizer.params[key].map(() => next() - 0.5));
      for (let t = 0; t < 60; t++) {
        const signs = { constant: () => 1, alternating: () => (t % 2 ? 1 : -1), random: () => (next() < 0.5 ? 1 : -1) };
        const quiet = next() < sparse;
        set(optimizer, () => {
          if (quiet || next() < sparse / 2) return 0;
          const size = next() < large ? 2 ** top * (next() < 0.5 ? 1.99 : 1) : 2 ** (next() * 2 * top - top);
          return signs[sign]() * Math.min(size, LARGEST[dtype]);
        });
        const before = optimizer.save();
        optimizer.step();
        if (optimizer.skipped > before.skipped)
          expect(optimizer.save()).toEqual({ ...before, skipped: optimizer.skipped });
        expect({ t, finite: staysFinite(optimizer) }).toEqual({ t, finite: true });
      }
      optimizer.dispose();
    });
    fc.assert(property, { numRuns: RUNS });
  });

  test.each(dtypes)("%s: no zero gradient gives NaN", (dtype) => {
    const zeros = fc.constantFrom(0, -0);
    const property = fc.property(optionsOf(spec), zeros, fc.boolean(), fc.boolean(), (given, zero, still, first) => {
      const options = { ...given, gradNoise: 0, gradScale: 1, dtype };
      const size = first ? 2 ** Math.min(most(spec, options, dtype), 0) : 0;
      const optimizer = make(spec, { ...options, onNonFinite: "throw", arena });
      for (const key of keys) optimizer.params[key].fill(still ? zero : 0.5);
      for (let t = 0; t < 40; t++) {
        set(optimizer, (i) => (first && t === 0 ? (size * (i % 10)) / 10 : zero));
        optimizer.step();
        expect({ t, finite: staysFinite(optimizer) }).toEqual({ t, finite: true });
      }
      optimizer.dispose();
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

/** Whose parameters follow from their state alone, or whose first mean is not 0. */
const unasked = ["ftrl", "yogi"];

test.each(specs.filter(({ name }) => !unasked.includes(name)))("$name: no zero gradient moves a parameter", (spec) => {
  const none = Object.keys(spec.options).filter((key) => /^(weightDecay|adamWeightDecay|lambd)$/.test(key));
  const undecayed = Object.fromEntries(none.map((key) => [key, 0]));
  const any = fc.record({ given: optionsOf(spec), dtype: fc.constantFrom(...dtypes), zero: fc.constantFrom(0, -0) });
  const property = fc.property(any, fc.constantFrom(0, -0, 0.5, -3), ({ given, dtype, zero }, start) => {
    trying(spec, { ...given, ...undecayed, gradNoise: 0, dtype }, (optimizer) => {
      for (const key of keys) optimizer.params[key].fill(start);
      for (let t = 0; t < 5; t++) {
        set(optimizer, () => zero);
        optimizer.step();
      }
      expect(optimizer.skipped).toBe(0);
      for (const key of keys) for (const x of optimizer.params[key]) expect(x + 0).toBe(start + 0);
    });
  });
  fc.assert(property, { numRuns: 2 * RUNS });
});

const inEither = specs.flatMap((spec) => dtypes.map((dtype) => ({ name: spec.name, dtype, spec })));

test.each(inEither)("$name in $dtype: the largest number is as if it had not been, or moves on", ({ spec, dtype }) => {
  const [spoilt, whole] = [1, 2].map(() => make(spec, { dtype, arena }));
  const normal = (optimizer: Any, steps: number) => {
    for (let t = 0; t < steps; t++) {
      set(optimizer, (i) => (i % 2 ? 1 : -1) / (1 + i + t));
      optimizer.step();
    }
  };
  for (const optimizer of [spoilt, whole]) normal(optimizer, 2);
  spoilt.grads.b[3] = -LARGEST[dtype];
  spoilt.step();
  const { skipped } = spoilt;
  const before = spoilt.params.a.slice();
  for (const optimizer of [spoilt, whole]) normal(optimizer, 3);
  expect(staysFinite(spoilt)).toBe(true);
  expect(spoilt.params.a).not.toEqual(before);
  if (skipped === 1) expect(spoilt.save()).toEqual({ ...whole.save(), skipped });
  for (const optimizer of [spoilt, whole]) optimizer.dispose();

  trying(spec, { dtype, onNonFinite: "throw" }, (throwing) => {
    throwing.grads.b[3] = LARGEST[dtype];
    const message = `${spec.name}: the gradient of b is more than the state can bear`;
    if (skipped === 1) expect(() => throwing.step()).toThrow(message);
    else throwing.step();
  });
  trying(spec, { dtype, onNonFinite: "ignore" }, (ignoring) => {
    ignoring.grads.b[3] = LARGEST[dtype];
    ignoring.step();
    expect([ignoring.stepCount, ignoring.skipped]).toEqual([1, 0]);
  });
});

/** Whose state is a sum of steps that nothing leaves, or a rate that must not vanish: their limits have other grounds than the first steps. */
const careful = ["asgd", "scheduleFreeSgd", "dog", "dowg"];

test.each(specs.filter(({ name }) => !careful.includes(name)))(
  "$name: the limit is at most 2^14 below what three steps bear",
  (spec) => {
    const bears = (exponent: number) =>
      trying(spec, { onNonFinite: "ignore" }, (optimizer) => {
        for (let t = 0; t < 3; t++) {
          set(optimizer, () => 2 ** exponent);
          optimizer.step();
        }
        return staysFinite(optimizer);
      });
    let borne = most(spec, {}, "f32");
    const top = borne;
    while (borne < 127 && bears(borne + 1)) borne++;
    expect(bears(top)).toBe(true);
    expect(borne - top).toBeLessThanOrEqual(14);
  },
);

test.each([
  ["adagrad", "f32", 1e20],
  ["rmsprop", "f32", 1e20],
  ["adam", "f32", 1e22],
  ["ftrl", "f32", 1e20],
  ["lars", "f64", 1e200],
] as const)("%s in %s at %d: skipped and counted, or thrown by name", (name, dtype, size) => {
  const spec = specOf(name);
  const optimizer = make(spec, { dtype });
  const before = optimizer.save();
  optimizer.grads.b[3] = size;
  optimizer.step();
  expect(optimizer.save()).toEqual({ ...before, skipped: 1 });
  optimizer.grads.b[3] = 1;
  optimizer.step();
  expect(optimizer.params.b[3]).not.toBe(0);

  const throwing = make(spec, { dtype, onNonFinite: "throw" });
  throwing.grads.b[3] = -size;
  expect(() => throwing.step()).toThrow(`${name}: the gradient of b is more than the state can bear`);
  expect(throwing.stepCount).toBe(0);
});

const downs = [{ clipValue: 1 }, { clipNorm: 1 }, { clipTensorNorm: 1 }, { clipAdaptive: 1 }, { gradScale: 2 ** -66 }];

test.each(downs)("what %o takes down to what Adam bears is taken, to the largest number", (down) => {
  const optimizer = make(specOf("adam"), down);
  set(optimizer, () => LARGEST.f32);
  optimizer.step();
  expect([optimizer.skipped, staysFinite(optimizer)]).toEqual([0, true]);
  optimizer.grads.a[0] = Infinity;
  optimizer.step();
  expect(optimizer.skipped).toBe(1);
});

test("a scale that takes a gradient beyond what is borne counts, with the factor of a norm that is clipped", () => {
  const optimizer = make(specOf("adam"), { gradScale: 2 ** 40 });
  set(optimizer, () => 2 ** 30);
  optimizer.step();
  expect(optimizer.skipped).toBe(1);
  const clipped = make(specOf("adam"), { gradScale: 2 ** 40, clipNorm: 2 ** 70 });
  set(clipped, () => 2 ** 30);
  clipped.step();
  expect(clipped.skipped).toBe(1);
});

test.each(["wasm", "plain"] as const)("%s: within a power of two, at every length and place", (name) => {
  const backend = createBackend(name, 4096);
  for (const [Floats, last] of [
    [Float32Array, 128],
    [Float64Array, 1024],
  ] as const) {
    for (let length = 1; length < 40; length++) {
      const x = new Floats(backend.buffer, 64, length);
      for (const place of [0, length >> 1, length - 1]) {
        for (const exponent of [3 - last, -3, 0, 51, last - 1]) {
          const power = 2 ** exponent;
          for (const [value, within] of [
            [-power, false],
            [power * (1 - 2 ** -24), true],
            [0, true],
            [Infinity, false],
            [NaN, false],
          ] as const) {
            x.fill(0);
            x[place] = value;
            expect(backend.within(x, exponentFor(x, power * 1.5))).toBe(within);
          }
        }
        x[place] = Floats === Float32Array ? LARGEST.f32 : LARGEST.f64;
        expect(backend.within(x, exponentFor(x, Infinity))).toBe(true);
      }
    }
  }
});

test("an eps of 0 changes nothing but 0 / 0", () => {
  const pair = [0, 2 ** -100].map((eps) => {
    const optimizer = make(specOf("adam"), { eps: () => eps });
    for (let t = 0; t < 10; t++) {
      set(optimizer, (i) => (i === 0 ? 0 : (i - 4) * 0.1 ** i));
      optimizer.step();
    }
    return optimizer;
  });
  expect(pair[0].params).toEqual(pair[1].params);
  expect(pair[0].params.a[0]).toBe(0);
});

test("what is held away from 0 reads as it was given, by the option and by a schedule", () => {
  for (const eps of [0, 1e-46, 1e-8]) {
    const adam = make(specOf("adam"), { eps });
    expect(adam.hyper("eps")).toBe(eps);
    const scheduled = make(specOf("adam"), { eps: (k: number) => (k === 0 ? 1 : eps) });
    for (const value of [1, 1, eps]) {
      expect(scheduled.hyper("eps")).toBe(value);
      scheduled.step();
    }
    scheduled.load(scheduled.save());
    expect(scheduled.hyper("eps")).toBe(eps);
  }
});

test("an lr that is divided by is held away from 0 also where it was set", () => {
  const [made, changed] = [{ lr: 1e-46 }, {}].map((options) => make(specOf("ftrl"), options));
  changed.lr = 1e-46;
  for (const optimizer of [made, changed]) {
    set(optimizer, () => 1);
    optimizer.step();
    expect(optimizer.lr).toBe(1e-46);
  }
  expect(changed.save().tensors).toEqual(made.save().tensors);
});

test.each(specs)("$name: what is divided by is said to be a divisor", ({ name, options }) => {
  for (const [option, kind] of Object.entries(options))
    if (/^(eps|adamEps)$/.test(option) && name !== "sm3")
      expect({ option, divides: kind.divides }).toEqual({ option, divides: true });
});
