/** Random schedules: one of each kind, and trees of them. */
import fc from "fast-check";
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
  registerFunction,
  repeat,
  rex,
  type Schedule,
  scale,
  shift,
  stepDecay,
  tanhDecay,
  warmup,
  warmupCosine,
  warmupStableDecay,
} from "../src/index.ts";
import type * as schedules from "../src/schedules/index.ts";

const number = fc.constantFrom(0, -0, 1e-300, 1e-8, 1e-3, 0.1, 0.5, 1, 3, -2, 1e6, 1e300);
const positive = fc.constantFrom(5e-324, 1e-300, 1e-3, 0.1, 0.5, 0.97, 1, 1.5, 10, 100, 1e6, 1e300, 1.7e308);
/** A length: mostly one that is reached, not always whole. */
const length = fc.oneof(positive, fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0.5, max: 3000, noNaN: true }));
const count = fc.integer({ min: 1, max: 1000 });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const boundaries = fc.array(fc.nat(3000), { maxLength: 6 }).map((list) => list.sort((a, b) => a - b));
const listed = (list: readonly number[]) =>
  fc.record({
    boundaries: fc.constant(list),
    values: fc.array(number, { minLength: list.length + 1, maxLength: list.length + 1 }),
  });

const half = registerFunction("half", (value: number) => value * 0.5);
const slower = registerFunction("slower", (k: number) => 1 / (1 + k));
const odd = registerFunction("odd", (value: number, k: number) => (k % 2 === 1 ? value : -value));

type Afters = "hold" | "mirror" | "zero" | "throw";

/** Those that are made of numbers; `after` is what may come after the last step. */
function plain(...afters: readonly Afters[]) {
  const after = fc.constantFrom(...afters);
  const decay = { init: number, end: number, steps: length, after };
  return {
    constant: fc.record({ value: number }).map(constant),
    cosineDecay: fc.record({ ...decay, power: optional(positive) }).map(cosineDecay),
    cosineRestarts: fc
      .record({
        init: number,
        end: number,
        steps: fc.oneof(count, fc.double({ min: 1, max: 1000, noNaN: true })),
        stepsFactor: fc.constantFrom(1, 1.3, 2, 3, 10, 1e300),
        peakFactor: positive,
        scales: fc.constantFrom("peak", "height"),
      })
      .map(cosineRestarts),
    cyclic: fc
      .record({
        min: number,
        max: number,
        up: count,
        down: optional(count),
        mode: fc.constantFrom("triangular", "triangular2", "expRange"),
        gamma: optional(positive),
        scale: fc.option(fc.constant(slower), { nil: undefined, freq: 3 }),
        scaleOf: fc.constantFrom("cycle", "index"),
      })
      .map(cyclic),
    exponentialDecay: fc
      .record({ init: number, rate: positive, steps: optional(length), staircase: fc.boolean(), end: optional(number) })
      .map(exponentialDecay),
    inverseSqrtDecay: fc
      .record({ peak: number, warmup: fc.nat(1000), timescale: optional(length) })
      .map(inverseSqrtDecay),
    inverseTimeDecay: fc
      .record({ init: number, rate: positive, steps: optional(length), staircase: fc.boolean() })
      .map(inverseTimeDecay),
    linear: fc.record(decay).map(linear),
    multiStepDecay: fc.record({ init: number, rate: positive, milestones: boundaries }).map(multiStepDecay),
    oneCycle: fc
      .record({
        peak: number,
        steps: fc.integer({ min: 2, max: 3000 }),
        warmupFraction: fc.constantFrom(0, 0.1, 0.3, 0.5),
        div: optional(positive),
        shape: fc.constantFrom("cosine", "linear"),
        threePhase: fc.boolean(),
        after,
      })
      .map(oneCycle),
    piecewiseConstant: boundaries.chain(listed).map(piecewiseConstant),
    piecewiseInterpolate: fc
      .tuple(
        boundaries.map((list) => [...list, (list.at(-1) ?? 0) + 5]).chain(listed),
        fc.constantFrom("linear", "cosine"),
        after,
      )
      .map(([lists, shape, after]) => piecewiseInterpolate({ ...lists, shape, after })),
    polynomialDecay: fc.record({ ...decay, power: optional(positive), cycle: fc.boolean() }).map(polynomialDecay),
    polynomialWarmup: fc
      .record({ init: number, peak: number, steps: length, power: optional(positive), after })
      .map(polynomialWarmup),
    rex: fc.record(decay).map(rex),
    stepDecay: fc.record({ init: number, rate: positive, every: count }).map(stepDecay),
    tanhDecay: fc.record({ ...decay, lower: optional(number), upper: optional(number) }).map(tanhDecay),
    warmupCosine: fc
      .record({ peak: number, warmup: fc.nat(999), steps: count.map((n) => n + 1000), end: number, after })
      .map(warmupCosine),
    warmupStableDecay: fc
      .record({
        peak: number,
        warmup: fc.nat(100),
        stable: fc.nat(100),
        decay: count,
        end: number,
        shape: fc.constantFrom("linear", "cosine", "1-sqrt", "1-square", "exponential"),
        after,
      })
      .map(({ shape, ...options }) => {
        const { peak, end, after } = options;
        const falls = shape !== "exponential" || (after === "hold" && end / peak > 0 && end / peak < Infinity);
        return warmupStableDecay({ ...options, shape: falls ? shape : "1-square" });
      }),
  };
}

/** Whether there is a first value to warm up to: one that ends may be over by then. */
function starts(schedule: Schedule): boolean {
  try {
    return Number.isFinite(schedule(0));
  } catch {
    return false;
  }
}

/** Those that are made of others. */
function made(of: fc.Arbitrary<Schedule>) {
  const some = fc.array(of, { minLength: 1, maxLength: 4 });
  return {
    clamp: fc
      .tuple(of, fc.constantFrom({}, { min: 0 }, { max: 0.5 }, { min: -0.1, max: 1e6 }))
      .map((args) => clamp(...args)),
    join: some
      .chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc
            .array(fc.nat(200), { minLength: list.length - 1, maxLength: list.length - 1 })
            .map((list) => list.sort((a, b) => a - b)),
        ),
      )
      .map((args) => join(...args)),
    map: fc.oneof(
      of.map((schedule) => map(schedule, half)),
      of.map((schedule) => map(schedule, odd)),
      fc.constant(map(slower)),
    ),
    noisy: fc
      .tuple(
        of,
        fc.record({
          from: fc.nat(100),
          until: optional(fc.nat(5000)),
          pct: fc.constantFrom(0.1, 0.67, 5),
          std: fc.constantFrom(0.1, 1),
          distribution: fc.constantFrom("normal", "uniform"),
          seed: fc.nat(2 ** 40),
        }),
      )
      .map((args) => noisy(...args)),
    product: some.map((list) => product(list)),
    repeat: fc.tuple(of, fc.integer({ min: 1, max: 100 })).map((args) => repeat(...args)),
    scale: fc.tuple(of, number).map((args) => scale(...args)),
    shift: fc.tuple(of, fc.integer({ min: -100, max: 100 })).map((args) => shift(...args)),
    warmup: fc
      .tuple(
        of.filter(starts),
        fc.record({
          steps: fc.oneof(count, fc.constant(0)),
          from: number,
          shape: fc.constantFrom("linear", "cosine", "1-sqrt"),
          inclusive: fc.boolean(),
        }),
      )
      .map((args) => warmup(...args)),
  };
}

const values = <T extends object>(record: T) => Object.values(record) as fc.Arbitrary<Schedule>[];

/** Whose every index has a value. */
const endless = fc.oneof(...values(plain("hold", "mirror", "zero")));

/** Some of which end. */
const ending = fc.oneof(...values(plain("hold", "throw")));

/** Schedules of schedules, some levels deep. */
const trees = (levels: number, of: fc.Arbitrary<Schedule>): fc.Arbitrary<Schedule> =>
  levels === 0 ? of : fc.oneof(...values(made(fc.oneof({ weight: 2, arbitrary: trees(levels - 1, of) }, of))));

const levels = fc.integer({ min: 1, max: 4 });
export const tree = levels.chain((deep) => trees(deep, endless));
export const endingTree = levels.chain((deep) => trees(deep, ending));

/** One arbitrary a schedule: `satisfies` keeps it in step with the table. */
export const arbitraries = {
  ...plain("hold", "mirror", "zero", "throw"),
  ...made(endless),
} satisfies Record<keyof typeof schedules, fc.Arbitrary<Schedule>>;
