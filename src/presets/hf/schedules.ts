/**
 * transformers.optimization (5.24) by its names. Where Python has the optimizer stands its lr:
 * `getLinearScheduleWithWarmup(5e-5, { numWarmupSteps: 100, numTrainingSteps: 1000 })`. Index k counts the scheduler's steps; with a warmup the
 * lr of the first is 0. All but getCosineWithMinLrScheduleWithWarmupLrRate, which starts a step in, rise to the lr at
 * k = numWarmupSteps.
 */
import { readOptions } from "../../common/given.ts";
import {
  between,
  check,
  choice,
  count,
  finite,
  fixed,
  flag,
  nonNegative,
  optional,
  positive,
  type Resolved,
  required,
  show,
  whole,
} from "../../common/options.ts";
import { isPlainObject } from "../../common/realm.ts";
import { constant } from "../../schedules/constant.ts";
import type { Schedule } from "../../schedules/core/schedule.ts";
import { cosineDecay } from "../../schedules/cosine-decay.ts";
import { cosineRestarts } from "../../schedules/cosine-restarts.ts";
import { inverseSqrtDecay } from "../../schedules/inverse-sqrt-decay.ts";
import { inTurn, type Stage } from "../../schedules/join.ts";
import { linear } from "../../schedules/linear.ts";
import { polynomialDecay } from "../../schedules/polynomial-decay.ts";
import { polynomialWarmup } from "../../schedules/polynomial-warmup.ts";
import { repeat } from "../../schedules/repeat.ts";
import { shift } from "../../schedules/shift.ts";
import { tolerance, toleranceConflict } from "../../tuning/better.ts";
import type { Feedback } from "../../tuning/feedback.ts";
import { greedy } from "../../tuning/greedy.ts";
import { onLr } from "../preset.ts";
import { reduceLROnPlateau } from "../torch/schedules.ts";

const warmup = { numWarmupSteps: required(whole(0)) };
const training = { ...warmup, numTrainingSteps: required(whole(0)) };
const waves = { ...training, numCycles: fixed(positive(0.5)) };

const rise = (lr: number, steps: number): Stage => [steps, () => linear({ init: 0, end: lr, steps })];
const forever = (value: number): Stage => [Infinity, () => constant({ value })];

/** How many steps come after the warmup, but at least the 1 that transformers then divides by. */
const rest = ({ numWarmupSteps, numTrainingSteps }: { numWarmupSteps: number; numTrainingSteps: number }): number =>
  Math.max(1, numTrainingSteps - numWarmupSteps);

export const getConstantSchedule = /* @__PURE__ */ onLr("getConstantSchedule", {}, (value) => constant({ value }));

export const getConstantScheduleWithWarmup = /* @__PURE__ */ onLr(
  "getConstantScheduleWithWarmup",
  warmup,
  (lr, { numWarmupSteps }) => inTurn(rise(lr, numWarmupSteps), forever(lr)),
);

export const getLinearScheduleWithWarmup = /* @__PURE__ */ onLr(
  "getLinearScheduleWithWarmup",
  training,
  (lr, { numWarmupSteps, numTrainingSteps }) => {
    const steps = numTrainingSteps - numWarmupSteps;
    return inTurn(rise(lr, numWarmupSteps), [steps, () => linear({ init: lr, end: 0, steps })], forever(0));
  },
);

/** After the last step it rises again. */
export const getCosineScheduleWithWarmup = /* @__PURE__ */ onLr(
  "getCosineScheduleWithWarmup",
  waves,
  (lr, options): Schedule => getCosineWithMinLrScheduleWithWarmup(lr, { ...options, minLr: 0 }),
);

/** Every restart on an index is at the lr there. transformers rounds on the way to it and has 2,778 of 145,817 an index late. */
export const getCosineWithHardRestartsScheduleWithWarmup = /* @__PURE__ */ onLr(
  "getCosineWithHardRestartsScheduleWithWarmup",
  { ...training, numCycles: fixed(count()) },
  (lr, { numCycles, ...options }) => {
    const steps = rest(options);
    // As often as cycles and steps have in common, one begins on an index; no other does.
    const every = steps / gcd(steps, numCycles);
    return inTurn(
      rise(lr, options.numWarmupSteps),
      [steps, () => repeat(cosineRestarts({ init: lr, steps: steps / numCycles }), every)],
      forever(0),
    );
  },
  (_, { numCycles, ...options }) =>
    numCycles <= rest(options)
      ? undefined
      : `numCycles must be at most the steps after the warmup, got ${numCycles} and ${rest(options)}`,
);

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

export const getPolynomialDecayScheduleWithWarmup = /* @__PURE__ */ onLr(
  "getPolynomialDecayScheduleWithWarmup",
  { ...training, lrEnd: fixed(finite(1e-7)), power: fixed(positive(1)) },
  (lr, { numWarmupSteps, numTrainingSteps, lrEnd: end, power }) => {
    const steps = numTrainingSteps - numWarmupSteps;
    return inTurn(
      rise(lr, numWarmupSteps),
      [steps, () => polynomialDecay({ init: lr, end, steps, power })],
      forever(end),
    );
  },
  (lr, { lrEnd }) => (lrEnd < lr ? undefined : `lrEnd must be less than lr, got ${lrEnd} and ${lr}`),
);

/** The default of `timescale` is numWarmupSteps or, if that is 0, 10,000. */
export const getInverseSqrtSchedule = /* @__PURE__ */ onLr(
  "getInverseSqrtSchedule",
  { ...warmup, timescale: optional(positive(0)) },
  (peak, { numWarmupSteps, timescale }) => inverseSqrtDecay({ peak, warmup: numWarmupSteps, timescale }),
);

/** The least lr, or the least over the lr. */
const least = { minLr: optional(nonNegative(0)), minLrRate: optional(nonNegative(0)) };

const oneLeast = (_: number, { minLr, minLrRate }: Resolved<typeof least>): string | undefined =>
  (minLr === undefined) === (minLrRate === undefined)
    ? `one of minLr and minLrRate must be given, got ${minLr} and ${minLrRate}`
    : undefined;

/** So many waves over the steps after the warmup, and on after them. */
const wave = (lr: number, { minLr, minLrRate = 0, numCycles, ...options }: Resolved<typeof waves & typeof least>) =>
  cosineDecay({ init: lr, end: minLr ?? lr * minLrRate, steps: rest(options) / (2 * numCycles), after: "mirror" });

/** After the last step it rises again. */
export const getCosineWithMinLrScheduleWithWarmup = /* @__PURE__ */ onLr(
  "getCosineWithMinLrScheduleWithWarmup",
  { ...waves, ...least },
  (lr, options) => inTurn(rise(lr, options.numWarmupSteps), [Infinity, () => wave(lr, options)]),
  oneLeast,
);

/**
 * The warmup begins at `warmupLrRate` times the lr, by default 1 / numWarmupSteps, and is at the lr one step before the cosine begins, a step
 * down. After the last step it rises again.
 */
export const getCosineWithMinLrScheduleWithWarmupLrRate = /* @__PURE__ */ onLr(
  "getCosineWithMinLrScheduleWithWarmupLrRate",
  { ...waves, ...least, warmupLrRate: optional(nonNegative(0)) },
  (lr, { warmupLrRate, ...options }) => {
    const { numWarmupSteps } = options;
    const init = lr * (warmupLrRate ?? 1 / numWarmupSteps);
    return inTurn(
      [numWarmupSteps, () => linear({ init, end: lr, steps: Math.max(1, numWarmupSteps - 1) })],
      [Infinity, () => shift(wave(lr, options), -1)],
    );
  },
  oneLeast,
);

const shape = choice("linear", "cosine", "1-sqrt");
const wsd = {
  ...warmup,
  numDecaySteps: required(whole(0)),
  numTrainingSteps: optional(whole(0)),
  numStableSteps: optional(whole(0)),
  warmupType: shape,
  decayType: choice("cosine", "linear", "1-sqrt"),
  minLrRatio: fixed(nonNegative(0)),
  numCycles: fixed(positive(0.5)),
};

/** The warmup begins at minLrRatio times the lr. `numStableSteps`, if given, counts instead of numTrainingSteps. */
export const getWsdSchedule = /* @__PURE__ */ onLr(
  "getWsdSchedule",
  wsd,
  (lr, options) => {
    const { numWarmupSteps, numDecaySteps, minLrRatio } = options;
    const end = lr * minLrRatio;
    return inTurn(
      [numWarmupSteps, () => warmed(lr, end, options)],
      [stable(options), () => constant({ value: lr })],
      [numDecaySteps, () => decayed(lr, end, options)],
      forever(end),
    );
  },
  (_, { numTrainingSteps, ...options }) => {
    if (stable({ numTrainingSteps, ...options }) >= 0) return undefined;
    const sum = options.numWarmupSteps + options.numDecaySteps;
    return `numTrainingSteps must be at least numWarmupSteps + numDecaySteps without numStableSteps, got ${numTrainingSteps} and ${sum}`;
  },
);

/** For how many steps the lr stays; fewer than 0 if nothing says it. */
const stable = ({
  numWarmupSteps,
  numDecaySteps,
  numTrainingSteps = -1,
  numStableSteps,
}: Resolved<typeof wsd>): number => numStableSteps ?? numTrainingSteps - numWarmupSteps - numDecaySteps;

function warmed(lr: number, init: number, { numWarmupSteps: steps, warmupType }: Resolved<typeof wsd>): Schedule {
  if (warmupType === "cosine") return cosineDecay({ init, end: lr, steps });
  return polynomialDecay({ init, end: lr, steps, power: warmupType === "linear" ? 1 : 0.5 });
}

function decayed(init: number, end: number, { numDecaySteps: steps, decayType, numCycles }: Resolved<typeof wsd>) {
  if (decayType === "cosine") return cosineDecay({ init, end, steps: steps / (2 * numCycles), after: "mirror" });
  return polynomialWarmup({ init, peak: end, steps, power: decayType === "linear" ? 1 : 0.5 });
}

export const getReduceOnPlateauSchedule = reduceLROnPlateau;

/** Takes a metric by `update(metric)`, where transformers has `step(metric)`. */
export const getGreedySchedule = /* @__PURE__ */ onLr(
  "getGreedySchedule",
  {
    mode: choice("min", "max"),
    factor: fixed(between(0, 1, 0.95)),
    patience: fixed(whole(10)),
    threshold: fixed(nonNegative(1e-6)),
    thresholdMode: choice("abs", "rel"),
    cooldown: fixed(whole(0)),
    warmup: fixed(whole(0)),
    minLr: fixed(nonNegative(1e-3)),
    maxLr: fixed(positive(1)),
    eps: fixed(nonNegative(1e-8)),
    smooth: flag(false),
    windowSize: fixed(count({ fallback: 50 })),
    resetStart: fixed(count({ fallback: 500 })),
  },
  (base, { threshold, thresholdMode, minLr, maxLr, eps, smooth, windowSize, resetStart, ...others }) =>
    greedy({
      ...others,
      ...tolerance(threshold, thresholdMode),
      base,
      min: minLr / base,
      max: maxLr / base,
      eps: eps / base,
      window: smooth ? windowSize : 1,
      reset: resetStart,
    }),
  (lr, { minLr, maxLr, threshold, thresholdMode }) => {
    if (lr <= 0) return `lr must be > 0, got ${lr}`;
    if (minLr > maxLr) return `minLr must be at most maxLr, got ${minLr} and ${maxLr}`;
    return toleranceConflict(threshold, thresholdMode);
  },
);

type Argument = "numWarmupSteps" | "numTrainingSteps";

interface Entry {
  readonly make: (lr: number, ...options: never[]) => Schedule | Feedback;
  /** Which of getScheduler's own arguments it cannot do without. */
  readonly needs: readonly Argument[];
  /** And which it takes if there is one. */
  readonly takes?: readonly Argument[];
}

const untilTheEnd = ["numWarmupSteps", "numTrainingSteps"] as const;

/** By the values of SchedulerType. */
const entries = {
  linear: { make: getLinearScheduleWithWarmup, needs: untilTheEnd },
  cosine: { make: getCosineScheduleWithWarmup, needs: untilTheEnd },
  cosine_with_restarts: { make: getCosineWithHardRestartsScheduleWithWarmup, needs: untilTheEnd },
  polynomial: { make: getPolynomialDecayScheduleWithWarmup, needs: untilTheEnd },
  constant: { make: getConstantSchedule, needs: [] },
  constant_with_warmup: { make: getConstantScheduleWithWarmup, needs: ["numWarmupSteps"] },
  inverse_sqrt: { make: getInverseSqrtSchedule, needs: ["numWarmupSteps"] },
  reduce_lr_on_plateau: { make: getReduceOnPlateauSchedule, needs: [] },
  cosine_with_min_lr: { make: getCosineWithMinLrScheduleWithWarmup, needs: untilTheEnd },
  cosine_warmup_with_min_lr: { make: getCosineWithMinLrScheduleWithWarmupLrRate, needs: untilTheEnd },
  warmup_stable_decay: { make: getWsdSchedule, needs: ["numWarmupSteps"], takes: ["numTrainingSteps"] },
  greedy: { make: getGreedySchedule, needs: [] },
} satisfies Readonly<Record<string, Entry>>;

type Entries = typeof entries;

export interface SchedulerOptions {
  readonly numWarmupSteps?: number | undefined;
  readonly numTrainingSteps?: number | undefined;
  /** What else the function of that name takes. */
  readonly schedulerSpecificKwargs?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * transformers' get_scheduler: `getScheduler("cosine", 5e-5, { numWarmupSteps: 100, numTrainingSteps: 1000 })`. Arguments that the
 * scheduler does not take are left out, those in `schedulerSpecificKwargs` refused.
 *
 * @throws TypeError or RangeError that names the argument, what was expected and what came
 */
export function getScheduler<N extends keyof Entries>(
  name: N,
  lr: number,
  given: SchedulerOptions = {},
): ReturnType<Entries[N]["make"]> {
  check("getScheduler", "name", names, name);
  const options = readOptions("getScheduler", given, [...untilTheEnd, "schedulerSpecificKwargs"]);
  const { make, needs, takes = [] }: Entry = entries[name];
  const { schedulerSpecificKwargs: specific = {} } = options;
  if (!isPlainObject(specific))
    throw new TypeError(`getScheduler: schedulerSpecificKwargs must be an object, got ${show(specific)}`);
  for (const key of needs) check("getScheduler", key, required(whole(0)), options[key]);
  const own = Object.fromEntries([...needs, ...takes].map((key) => [key, options[key]]));
  const made = make as (lr: number, options: object) => Schedule | Feedback;
  return made(lr, { ...specific, ...own }) as ReturnType<Entries[N]["make"]>;
}

const names = /* @__PURE__ */ choice(...(Object.keys(entries) as [string, ...string[]]));
