/**
 * torch.optim.lr_scheduler (2.15) by its names. Where Python has the optimizer stands its lr: `stepLR(0.05, { stepSize: 30 })`. Index k
 * is last_epoch. All follow the closed forms of torch's documentation; its classes get there by multiplying from step to step, with
 * that much more rounding. A parameter group that has its own lr in Python's lists has its own schedule here.
 */

import {
  atLeast,
  between,
  choice,
  count,
  finite,
  fixed,
  flag,
  milestones,
  nonNegative,
  type Options,
  type OptionTable,
  optional,
  positive,
  type Resolved,
  required,
  share,
  whole,
} from "../../common/options.ts";
import { cospi } from "../../math/cospi.ts";
import { pow } from "../../math/pow.ts";
import { constant } from "../../schedules/constant.ts";
import { checked, optionalFunction, userFunction } from "../../schedules/core/functions.ts";
import type { Schedule } from "../../schedules/core/schedule.ts";
import { cosineDecay } from "../../schedules/cosine-decay.ts";
import { cosineRestarts } from "../../schedules/cosine-restarts.ts";
import { cyclic } from "../../schedules/cyclic.ts";
import { exponentialDecay } from "../../schedules/exponential-decay.ts";
import { linear } from "../../schedules/linear.ts";
import { map } from "../../schedules/map.ts";
import { multiStepDecay } from "../../schedules/multi-step-decay.ts";
import { oneCycle } from "../../schedules/one-cycle.ts";
import { piecewiseConstant } from "../../schedules/piecewise-constant.ts";
import { polynomialDecay } from "../../schedules/polynomial-decay.ts";
import { scale } from "../../schedules/scale.ts";
import { stepDecay } from "../../schedules/step-decay.ts";
import { tolerance, toleranceConflict } from "../../tuning/better.ts";
import { plateau } from "../../tuning/plateau.ts";
import { house, onLr } from "../preset.ts";
import { stepping, stepwise } from "./stepping.ts";

export { chainedScheduler, sequentialLR } from "./chain.ts";

type Lambda = (epoch: number) => number;
const lambda = { lrLambda: userFunction<Lambda>() };

/** One that sets the lr, whatever it is. */
const setting = (lr: number, schedule: Schedule) =>
  stepping(schedule, { lr, base: "taken", next: (_, k) => schedule(k) });

/**
 * One that multiplies the lr.
 *
 * @param factor by what, at index `k`
 */
const multiplying = <const O extends OptionTable>(
  name: string,
  options: O,
  make: (lr: number, options: Resolved<O>) => Schedule,
  factor: (k: number, options: Resolved<O>) => number,
) =>
  onLr(name, options, (lr, given) =>
    stepping(make(lr, given), {
      lr,
      base: "taken",
      next: (lr, k) => lr * factor(k, given),
      unit: () => make(1, given),
    }),
  );

/** lr · lrLambda(k). */
export const lambdaLR = /* @__PURE__ */ onLr("lambdaLR", lambda, (lr, { lrLambda }) =>
  setting(lr, scale(map(lrLambda), lr)),
);

/** lr · lrLambda(1) · … · lrLambda(k): the last product is remembered, an earlier one begins anew. It does not become JSON. */
export const multiplicativeLR = /* @__PURE__ */ onLr("multiplicativeLR", lambda, (lr, { lrLambda }) => {
  const multiply = (lr: number, k: number) => lr * checked("multiplicativeLR", lrLambda(k), k);
  const next = (lr: number, k: number) => (k === 0 ? lr : multiply(lr, k));
  return stepping(stepwise("multiplicativeLR", lr, next, [lrLambda]), {
    lr,
    base: "taken",
    next,
    unit: () => stepwise("multiplicativeLR", 1, next, [lrLambda]),
    resume: (lr) => multiply(lr, 0),
  });
});

export const stepLR = /* @__PURE__ */ multiplying(
  "stepLR",
  { stepSize: required(count()), gamma: fixed(positive(0.1)) },
  (init, { stepSize, gamma }) => stepDecay({ init, rate: gamma, every: stepSize }),
  (k, { stepSize, gamma }) => (k > 0 && k % stepSize === 0 ? gamma : 1),
);

/** Indices in any order. */
const indices = () => ({
  ...milestones(),
  range: "whole numbers ≥ 0",
  inRange: (list: readonly number[]) => list.every(whole(0).inRange),
});

export const multiStepLR = /* @__PURE__ */ multiplying(
  "multiStepLR",
  { milestones: indices(), gamma: fixed(positive(0.1)) },
  (init, { milestones, gamma }) =>
    multiStepDecay({ init, rate: gamma, milestones: [...milestones].sort((a, b) => a - b) }),
  (k, { milestones, gamma }) =>
    milestones.reduce((factor, milestone) => (milestone === k ? factor * gamma : factor), 1),
);

/** A factor that can be divided by again. */
const divisor = () => ({ ...fixed(share(1 / 3)), range: "in (0, 1]", inRange: (x: number) => x > 0 && x <= 1 });

/** lr · factor until `totalIters`, then lr. */
export const constantLR = /* @__PURE__ */ multiplying(
  "constantLR",
  { factor: divisor(), totalIters: fixed(count({ fallback: 5 })) },
  (lr, { factor, totalIters }) => piecewiseConstant({ boundaries: [totalIters], values: [lr * factor, lr] }),
  (k, { factor, totalIters }) => (k === 0 ? factor : k === totalIters ? 1 / factor : 1),
);

export const linearLR = /* @__PURE__ */ multiplying(
  "linearLR",
  { startFactor: divisor(), endFactor: fixed(share(1)), totalIters: fixed(count({ fallback: 5 })) },
  (lr, { startFactor, endFactor, totalIters }) =>
    linear({ init: lr * startFactor, end: lr * endFactor, steps: totalIters }),
  (k, { startFactor, endFactor, totalIters }) => {
    if (k === 0) return startFactor;
    const rise = endFactor - startFactor;
    return k > totalIters ? 1 : 1 + rise / (totalIters * startFactor + (k - 1) * rise);
  },
);

export const exponentialLR = /* @__PURE__ */ multiplying(
  "exponentialLR",
  { gamma: required(positive(0)) },
  (init, { gamma }) => exponentialDecay({ init, rate: gamma }),
  (k, { gamma }) => (k === 0 ? 1 : gamma),
);

export const polynomialLR = /* @__PURE__ */ multiplying(
  "polynomialLR",
  { totalIters: fixed(count({ fallback: 5 })), power: fixed(positive(1)) },
  (init, { totalIters, power }) => polynomialDecay({ init, steps: totalIters, power }),
  (k, { totalIters, power }) =>
    k === 0 || k > totalIters ? 1 : pow((1 - k / totalIters) / (1 - (k - 1) / totalIters), power),
);

/** Without restarts: from `tMax` on it rises again. */
export const cosineAnnealingLR = /* @__PURE__ */ onLr(
  "cosineAnnealingLR",
  { tMax: required(count()), etaMin: fixed(finite(0)) },
  (init, { tMax, etaMin: end }) =>
    stepping(cosineDecay({ init, end, steps: tMax, after: "mirror" }), {
      lr: init,
      base: "taken",
      next(lr, k) {
        if (k === 0) return lr;
        // From the end no factor leads up again.
        if ((k - 1 - tMax) % (2 * tMax) === 0) return lr + ((init - end) * (1 - cospi(1 / tMax))) / 2;
        return ((1 + cospi(k / tMax)) / (1 + cospi((k - 1) / tMax))) * (lr - end) + end;
      },
    }),
);

export const cosineAnnealingWarmRestarts = /* @__PURE__ */ onLr(
  "cosineAnnealingWarmRestarts",
  { t0: required(count()), tMult: fixed(count()), etaMin: fixed(finite(0)) },
  (init, { t0, tMult, etaMin }) => setting(init, cosineRestarts({ init, end: etaMin, steps: t0, stepsFactor: tMult })),
);

/** Without it torch leaves the optimizer's momentum alone. */
const cycles = ({ cycleMomentum }: { readonly cycleMomentum: boolean }): string | undefined =>
  cycleMomentum ? undefined : "cycleMomentum must be true, got false";

const triangle = {
  stepSizeUp: fixed(count({ fallback: 2000 })),
  /** Default: `stepSizeUp`. */
  stepSizeDown: optional(count()),
  mode: choice("triangular", "triangular2", "exp_range"),
  gamma: fixed(positive(1)),
  scaleFn: optionalFunction<(x: number) => number>(),
  scaleMode: choice("cycle", "iterations"),
  cycleMomentum: flag(true),
  baseMomentum: fixed(finite(0.8)),
  maxMomentum: fixed(finite(0.9)),
};

const modes = { triangular: "triangular", triangular2: "triangular2", exp_range: "expRange" } as const;

const cycled = (min: number, max: number, options: Resolved<typeof triangle>) =>
  cyclic({
    min,
    max,
    up: options.stepSizeUp,
    down: options.stepSizeDown,
    mode: modes[options.mode],
    gamma: options.gamma,
    scale: options.scaleFn,
    scaleOf: options.scaleMode === "cycle" ? "cycle" : "index",
  });

/** The optimizer's own lr does not count: `baseLr` and `maxLr` are absolute. The momentum is that of cyclicMomentum. */
export const cyclicLR = /* @__PURE__ */ house(
  "cyclicLR",
  { baseLr: required(finite(0)), maxLr: required(finite(0)), ...triangle },
  ({ baseLr: lr, maxLr, ...options }) => {
    const schedule = cycled(lr, maxLr, options);
    // In a chain torch's first is the lr that there was.
    return stepping(schedule, { lr, base: "given", next: (_, k, initial) => (k === 0 ? initial : schedule(k)) });
  },
);

/** The momentum that CyclicLR cycles the other way. Of the same options, in which its lrs need not be. */
export const cyclicMomentum = /* @__PURE__ */ house(
  "cyclicMomentum",
  { baseLr: optional(finite(0)), maxLr: optional(finite(0)), ...triangle },
  (options) => cycled(options.maxMomentum, options.baseMomentum, options),
  cycles,
);

const cycle = {
  totalSteps: optional(count({ above: 1 })),
  epochs: optional(count()),
  stepsPerEpoch: optional(count()),
  pctStart: fixed(share(0.3)),
  annealStrategy: choice("cos", "linear"),
  cycleMomentum: flag(true),
  baseMomentum: fixed(positive(0.85)),
  maxMomentum: fixed(positive(0.95)),
  divFactor: fixed(positive(25)),
  finalDivFactor: fixed(positive(1e4)),
  threePhase: flag(false),
};

/** One of them must be; `totalSteps` counts if both are. */
type Steps = { readonly totalSteps: number } | { readonly epochs: number; readonly stepsPerEpoch: number };
type OneCycle<O extends OptionTable> = (options: Options<O> & Steps) => Schedule;

const stepsOf = ({ totalSteps, epochs = 0, stepsPerEpoch = 0 }: Resolved<typeof cycle>): number =>
  totalSteps ?? epochs * stepsPerEpoch;

function unfit(options: Resolved<typeof cycle>): string | undefined {
  const { threePhase, pctStart } = options;
  if (threePhase && pctStart > 0.5) return `pctStart must be ≤ 0.5 if threePhase, got ${pctStart}`;
  const steps = stepsOf(options);
  if (steps > 1) return undefined;
  return `totalSteps or epochs · stepsPerEpoch must be a whole number > 1, got ${steps || "neither"}`;
}

const shapes = { cos: "cosine", linear: "linear" } as const;

const oneCycled = (peak: number, div: number, finalDiv: number, options: Resolved<typeof cycle>) =>
  oneCycle({
    peak,
    steps: stepsOf(options),
    warmupFraction: options.pctStart,
    shape: shapes[options.annealStrategy],
    threePhase: options.threePhase,
    div,
    finalDiv,
    after: "throw",
  });

const peak = { maxLr: required(finite(0)), ...cycle };

/** After its last step it throws; torch extrapolates once before it does. The momentum is that of oneCycleMomentum. */
export const oneCycleLR: OneCycle<typeof peak> = /* @__PURE__ */ house(
  "oneCycleLR",
  peak,
  ({ maxLr, ...options }) => {
    const { divFactor, finalDivFactor } = options;
    const schedule = oneCycled(maxLr, divFactor, finalDivFactor, options);
    return stepping(schedule, { lr: maxLr / divFactor, base: "changed", next: (_, k) => schedule(k) });
  },
  unfit,
);

const trough = { maxLr: optional(finite(0)), ...cycle };

/** The momentum that OneCycleLR cycles the other way. Of the same options, in which its lr need not be. */
export const oneCycleMomentum: OneCycle<typeof trough> = /* @__PURE__ */ house(
  "oneCycleMomentum",
  trough,
  (options) => oneCycled(options.baseMomentum, options.baseMomentum / options.maxMomentum, 1, options),
  (options) => unfit(options) ?? cycles(options),
);

/** Takes a metric by `update(metric)`, where torch has `step(metric)`. */
export const reduceLROnPlateau = /* @__PURE__ */ onLr(
  "reduceLROnPlateau",
  {
    mode: choice("min", "max"),
    factor: fixed(between(0, 1, 0.1)),
    patience: fixed(whole(10)),
    threshold: fixed(nonNegative(1e-4)),
    thresholdMode: choice("rel", "abs"),
    cooldown: fixed(whole(0)),
    minLr: fixed(nonNegative(0)),
    eps: fixed(nonNegative(1e-8)),
  },
  (base, { threshold, thresholdMode, minLr, eps, ...rest }) =>
    plateau({ ...rest, base, ...tolerance(threshold, thresholdMode), min: minLr / base, eps: eps / base }),
  (lr, { minLr, threshold, thresholdMode }) =>
    minLr < lr ? toleranceConflict(threshold, thresholdMode) : `minLr must be less than lr, got ${minLr} and ${lr}`,
);

/** From the lr to `swaLr` over `annealEpochs`. */
export const swalr = /* @__PURE__ */ onLr(
  "swalr",
  {
    swaLr: required(atLeast(0, 0)),
    annealEpochs: fixed(whole(10)),
    annealStrategy: choice("cos", "linear"),
  },
  (init, { swaLr: end, annealEpochs: steps, annealStrategy }): Schedule => {
    const share = (k: number) => {
      const t = Math.min(Math.max(k, 0) / Math.max(steps, 1), 1);
      return annealStrategy === "cos" ? (1 - cospi(t)) / 2 : t;
    };
    const next = (lr: number, index: number) => {
      const k = steps === 0 ? Math.max(index, 1) : index;
      const before = share(k - 1);
      const from = before === 1 ? end : (lr - before * end) / (1 - before);
      return end * share(k) + from * (1 - share(k));
    };
    const resume = (lr: number) => next(lr, 0);
    return stepping(annealed(init, end, steps, annealStrategy), { lr: init, base: "taken", next, resume });
  },
);

function annealed(init: number, end: number, steps: number, strategy: "cos" | "linear"): Schedule {
  if (steps === 0) return constant({ value: end });
  return strategy === "cos" ? cosineDecay({ init, end, steps }) : linear({ init, end, steps });
}
