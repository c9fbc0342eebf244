/**
 * optax.schedules (0.2.8) by its names: `cosineDecaySchedule({ initValue: 0.1, decaySteps: 1000 })`; and its contrib.reduce_on_plateau. Index k
 * is count. jax computes in float32 by its default, these in double precision.
 */
import { readOptions } from "../../common/given.ts";
import {
  between,
  choice,
  count,
  finite,
  fixed,
  flag,
  fraction,
  integer,
  milestones,
  nonNegative,
  type OptionType,
  oneMore,
  optional,
  positive,
  type Resolved,
  required,
  share,
  show,
  whole,
} from "../../common/options.ts";
import { elementsOf, isPlainObject } from "../../common/realm.ts";
import { constant } from "../../schedules/constant.ts";
import { inners, type Schedule } from "../../schedules/core/schedule.ts";
import { cosineDecay } from "../../schedules/cosine-decay.ts";
import { exponentialDecay as exponential } from "../../schedules/exponential-decay.ts";
import { join } from "../../schedules/join.ts";
import { piecewiseConstant } from "../../schedules/piecewise-constant.ts";
import { piecewiseInterpolate } from "../../schedules/piecewise-interpolate.ts";
import { polynomialDecay } from "../../schedules/polynomial-decay.ts";
import { shift } from "../../schedules/shift.ts";
import { plateau } from "../../tuning/plateau.ts";
import { house } from "../preset.ts";

export const constantSchedule = /* @__PURE__ */ house("constantSchedule", { value: required(finite(0)) }, constant);

const transition = { transitionSteps: required(integer()), transitionBegin: fixed(integer()) };

/** What begins later; of no steps it never does. */
function begun(init: number, steps: number, begin: number, make: () => Schedule): Schedule {
  if (steps <= 0) return constant({ value: init });
  return begin > 0 ? shift(make(), begin) : make();
}

/** With no `transitionSteps` it stays at `initValue`. */
export const polynomialSchedule = /* @__PURE__ */ house(
  "polynomialSchedule",
  { initValue: required(finite(0)), endValue: required(finite(0)), power: required(positive(1)), ...transition },
  ({ initValue: init, endValue: end, power, transitionSteps: steps, transitionBegin }) =>
    begun(init, steps, transitionBegin, () => polynomialDecay({ init, end, power, steps })),
);

/** With no `transitionSteps` it stays at `initValue`. */
export const linearSchedule = /* @__PURE__ */ house(
  "linearSchedule",
  { initValue: required(finite(0)), endValue: required(finite(0)), ...transition },
  (options) => polynomialSchedule({ ...options, power: 1 }),
);

type Scales = Readonly<Record<number, number>>;

/** Factors by the indices from which they count: Python's dict. */
const scales: OptionType<Scales | undefined, false> = {
  fallback: undefined,
  required: false,
  type: "an object of numbers",
  isType: (value) => isPlainObject(value) && Object.values(value).every((factor) => typeof factor === "number"),
  range: "factors ≥ 0 by whole numbers ≥ 0",
  inRange: (by = {}) =>
    Object.entries(by).every(([k, factor]) => whole(0).inRange(Number(k)) && nonNegative(0).inRange(factor)),
  schedulable: false,
};

const stepped = { initValue: required(finite(0)), boundariesAndScales: scales };

/** The boundaries in ascending order, and the value multiplied by one factor after the other. */
function multiplied({ initValue, boundariesAndScales: by = {} }: Resolved<typeof stepped>) {
  const entries = Object.entries(by)
    .map(([k, factor]) => [Number(k), factor] as const)
    .sort(([a], [b]) => a - b);
  const values = [initValue];
  for (const [, factor] of entries) values.push(values[values.length - 1] * factor);
  return { boundaries: entries.map(([k]) => k), values };
}

export const piecewiseConstantSchedule = /* @__PURE__ */ house("piecewiseConstantSchedule", stepped, (options) =>
  piecewiseConstant(multiplied(options)),
);

export const piecewiseInterpolateSchedule = /* @__PURE__ */ house(
  "piecewiseInterpolateSchedule",
  { interpolateType: choice("linear", "cosine"), ...stepped },
  ({ interpolateType: shape, ...options }): Schedule => {
    const { boundaries, values } = multiplied(options);
    const last = boundaries.length - 1;
    if (boundaries[last] > 0) return piecewiseInterpolate({ boundaries, values, shape });
    return constant({ value: values[last + 1] });
  },
);

/** `endValue` bounds it: from below if decayRate < 1, else from above. With no `transitionSteps` or a rate of 0 it stays at `initValue`. */
export const exponentialDecay = /* @__PURE__ */ house(
  "exponentialDecay",
  {
    initValue: required(finite(0)),
    transitionSteps: required(integer()),
    decayRate: required(nonNegative(0)),
    transitionBegin: fixed(integer()),
    staircase: flag(false),
    endValue: optional(finite(0)),
  },
  ({ initValue: init, transitionSteps, decayRate: rate, transitionBegin, staircase, endValue: end }) => {
    const steps = rate === 0 ? 0 : transitionSteps;
    return begun(init, steps, transitionBegin, () => exponential({ init, rate, steps, staircase, end }));
  },
);

export const cosineDecaySchedule = /* @__PURE__ */ house(
  "cosineDecaySchedule",
  {
    initValue: required(finite(0)),
    decaySteps: required(positive(0)),
    alpha: fixed(finite(0)),
    exponent: fixed(positive(1)),
  },
  ({ initValue: init, decaySteps: steps, alpha, exponent: power }) =>
    cosineDecay({ init, end: init * alpha, steps, power }),
);

const cycle = {
  transitionSteps: required(count()),
  peakValue: required(finite(0)),
  pctStart: fixed(share(0.3)),
  divFactor: fixed(positive(25)),
  finalDivFactor: fixed(positive(1e4)),
};

/** Parts of `transitionSteps` are cut down to whole numbers; where two are the same, the later factor replaces the earlier, as in Python. */
export const linearOnecycleSchedule = /* @__PURE__ */ house(
  "linearOnecycleSchedule",
  { ...cycle, pctFinal: fixed(share(0.85)) },
  ({ transitionSteps, peakValue, pctStart, pctFinal, divFactor, finalDivFactor }) =>
    piecewiseInterpolateSchedule({
      initValue: peakValue / divFactor,
      boundariesAndScales: {
        [Math.floor(pctStart * transitionSteps)]: divFactor,
        [Math.floor(pctFinal * transitionSteps)]: 1 / divFactor,
        [transitionSteps]: 1 / finalDivFactor,
      },
    }),
);

/** As linearOnecycleSchedule, but from the peak straight to the end. */
export const cosineOnecycleSchedule = /* @__PURE__ */ house(
  "cosineOnecycleSchedule",
  cycle,
  ({ transitionSteps, peakValue, pctStart, divFactor, finalDivFactor }) =>
    piecewiseInterpolateSchedule({
      interpolateType: "cosine",
      initValue: peakValue / divFactor,
      boundariesAndScales: {
        [Math.floor(pctStart * transitionSteps)]: divFactor,
        [transitionSteps]: 1 / (divFactor * finalDivFactor),
      },
    }),
);

const warmup = { initValue: required(finite(0)), peakValue: required(finite(0)), warmupSteps: required(whole(0)) };

/** Of no `warmupSteps` it stays at `initValue`. */
export const warmupConstantSchedule = /* @__PURE__ */ house(
  "warmupConstantSchedule",
  warmup,
  ({ initValue, peakValue, warmupSteps }) =>
    linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps }),
);

const warmupCosineTable = {
  ...warmup,
  decaySteps: required(count()),
  endValue: fixed(finite(0)),
  exponent: fixed(positive(1)),
};

const warmupCosine = (name: string) =>
  house(
    name,
    warmupCosineTable,
    ({ decaySteps, endValue, exponent: power, ...rising }) => {
      const { peakValue: init, warmupSteps } = rising;
      // optax's end is a multiple of the peak.
      const end = init === 0 ? 0 : endValue;
      const falling = cosineDecay({ init, end, steps: decaySteps - warmupSteps, power });
      return join([warmupConstantSchedule(rising), falling], [warmupSteps]);
    },
    ({ warmupSteps, decaySteps }) =>
      warmupSteps < decaySteps
        ? undefined
        : `decaySteps must be more than warmupSteps, got ${decaySteps} and ${warmupSteps}`,
  );

/** `decaySteps` contain `warmupSteps`. */
export const warmupCosineDecaySchedule = /* @__PURE__ */ warmupCosine("warmupCosineDecaySchedule");

export const warmupExponentialDecaySchedule = /* @__PURE__ */ house(
  "warmupExponentialDecaySchedule",
  {
    ...warmup,
    transitionSteps: required(integer()),
    decayRate: required(nonNegative(0)),
    transitionBegin: fixed(integer()),
    staircase: flag(false),
    endValue: optional(finite(0)),
  },
  ({ initValue, peakValue, warmupSteps, ...decay }) =>
    join(
      [
        warmupConstantSchedule({ initValue, peakValue, warmupSteps }),
        exponentialDecay({ ...decay, initValue: peakValue }),
      ],
      [warmupSteps],
    ),
);

type CosineKwargs = Parameters<typeof warmupCosineDecaySchedule>[0];

/** One warmupCosineDecaySchedule after the other, each of its `decaySteps`. */
export function sgdrSchedule(cosineKwargs: readonly CosineKwargs[]): Schedule {
  const cycles = elementsOf(cosineKwargs);
  if (cycles === undefined)
    throw new TypeError(`sgdrSchedule: cosineKwargs must be an array of options, got ${show(cosineKwargs)}`);
  if (cycles.length === 0) throw new RangeError("sgdrSchedule: cosineKwargs must be at least one, got []");
  const owners = cycles.map((_, i) => `sgdrSchedule: cosineKwargs[${i}]`);
  const options = owners.map((owner, i) =>
    readOptions(owner, cycles[i] as CosineKwargs, Object.keys(warmupCosineTable)),
  );
  const schedules = owners.map((owner, i) => warmupCosine(owner)(options[i]));
  const ends = options.map((_, i) => options.slice(0, i + 1).reduce((sum, { decaySteps }) => sum + decaySteps, 0));
  return join(schedules, ends.slice(0, -1));
}

const joined = /* @__PURE__ */ house(
  "joinSchedules",
  { schedules: inners(), boundaries: milestones() },
  ({ schedules, boundaries }) => join(schedules, boundaries),
  oneMore("schedules", "boundaries"),
);

export const joinSchedules = (schedules: readonly Schedule[], boundaries: readonly number[]): Schedule =>
  joined({ schedules, boundaries });

/**
 * The transformation that multiplies updates, as a factor of the lr that `update(metric)` steers: `product([lr, map(factor)])`. optax
 * also takes a patience of 0, but then reduces whenever the metric becomes better.
 */
export const reduceOnPlateau = /* @__PURE__ */ house(
  "reduceOnPlateau",
  {
    factor: fixed(between(0, 1, 0.1)),
    patience: fixed(count({ fallback: 10 })),
    rtol: fixed(fraction(1e-4)),
    atol: fixed(nonNegative(0)),
    cooldown: fixed(whole(0)),
    accumulationSize: fixed(count()),
    minScale: fixed(fraction(0)),
  },
  ({ accumulationSize: every, minScale: min, ...rest }) => plateau({ ...rest, every, min, counting: "optax" }),
);
