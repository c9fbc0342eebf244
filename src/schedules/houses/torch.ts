/**
 * torch.optim.lr_scheduler (2.15) by its names. Where Python has the optimizer stands its lr: `stepLR(0.05, { stepSize: 30 })`. Index k
 * is last_epoch. All follow the closed forms of torch's documentation; its classes get there by multiplying from step to step, with
 * that much more rounding.
 */
import { optionalFunction, userFunction } from "../../functions.ts";
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
  optional,
  positive,
  required,
  share,
  whole,
} from "../../options.ts";
import type { Schedule } from "../../schedule.ts";
import { tolerance } from "../../tuning/better.ts";
import { plateau } from "../../tuning/plateau.ts";
import { constant } from "../constant.ts";
import { cosineDecay } from "../cosine-decay.ts";
import { cosineRestarts } from "../cosine-restarts.ts";
import { cyclic } from "../cyclic.ts";
import { exponentialDecay } from "../exponential-decay.ts";
import { join } from "../join.ts";
import { linear } from "../linear.ts";
import { map } from "../map.ts";
import { multiStepDecay } from "../multi-step-decay.ts";
import { oneCycle } from "../one-cycle.ts";
import { piecewiseConstant } from "../piecewise-constant.ts";
import { polynomialDecay } from "../polynomial-decay.ts";
import { product } from "../product.ts";
import { scale } from "../scale.ts";
import { stepDecay } from "../step-decay.ts";
import { house, onLr } from "./house.ts";

type Lambda = (epoch: number) => number;
const lambda = { lrLambda: userFunction<Lambda>() };

/** lr · lrLambda(k). */
export const lambdaLR = /* @__PURE__ */ onLr("lambdaLR", lambda, (lr, { lrLambda }) => map((k) => lr * lrLambda(k)));

/** lr · lrLambda(1) · … · lrLambda(k): the products are kept, as far as they were asked for. */
export const multiplicativeLR = /* @__PURE__ */ onLr("multiplicativeLR", lambda, (lr, { lrLambda }) => {
  const products = [lr];
  return map((k) => {
    while (products.length <= k) products.push(products[products.length - 1] * lrLambda(products.length));
    return products[k];
  });
});

export const stepLR = /* @__PURE__ */ onLr(
  "stepLR",
  { stepSize: required(count()), gamma: fixed(positive(0.1)) },
  (init, { stepSize, gamma }) => stepDecay({ init, rate: gamma, every: stepSize }),
);

export const multiStepLR = /* @__PURE__ */ onLr(
  "multiStepLR",
  { milestones: milestones(), gamma: fixed(positive(0.1)) },
  (init, { milestones, gamma }) => multiStepDecay({ init, rate: gamma, milestones }),
);

/** lr · factor until `totalIters`, then lr. */
export const constantLR = /* @__PURE__ */ onLr(
  "constantLR",
  { factor: fixed(share(1 / 3)), totalIters: fixed(count({ fallback: 5 })) },
  (lr, { factor, totalIters }) => piecewiseConstant({ boundaries: [totalIters], values: [lr * factor, lr] }),
);

export const linearLR = /* @__PURE__ */ onLr(
  "linearLR",
  { startFactor: fixed(share(1 / 3)), endFactor: fixed(share(1)), totalIters: fixed(count({ fallback: 5 })) },
  (lr, { startFactor, endFactor, totalIters }) =>
    linear({ init: lr * startFactor, end: lr * endFactor, steps: totalIters }),
);

export const exponentialLR = /* @__PURE__ */ onLr(
  "exponentialLR",
  { gamma: required(positive(0)) },
  (init, { gamma }) => exponentialDecay({ init, rate: gamma }),
);

export const polynomialLR = /* @__PURE__ */ onLr(
  "polynomialLR",
  { totalIters: fixed(count({ fallback: 5 })), power: fixed(positive(1)) },
  (init, { totalIters, power }) => polynomialDecay({ init, steps: totalIters, power }),
);

/** Without restarts: from `tMax` on it rises again. */
export const cosineAnnealingLR = /* @__PURE__ */ onLr(
  "cosineAnnealingLR",
  { tMax: required(count()), etaMin: fixed(finite(0)) },
  (init, { tMax, etaMin }) => cosineDecay({ init, end: etaMin, steps: tMax, after: "mirror" }),
);

export const cosineAnnealingWarmRestarts = /* @__PURE__ */ onLr(
  "cosineAnnealingWarmRestarts",
  { t0: required(count()), tMult: fixed(count()), etaMin: fixed(finite(0)) },
  (init, { t0, tMult, etaMin }) => cosineRestarts({ init, end: etaMin, steps: t0, stepsFactor: tMult }),
);

const triangle = {
  stepSizeUp: fixed(count({ fallback: 2000 })),
  /** Default: `stepSizeUp`. */
  stepSizeDown: optional(count()),
  mode: choice("triangular", "triangular2", "exp_range"),
  gamma: fixed(positive(1)),
  scaleFn: optionalFunction<(x: number) => number>(),
  scaleMode: choice("cycle", "iterations"),
};

const modes = { triangular: "triangular", triangular2: "triangular2", exp_range: "expRange" } as const;

/** torch's own lr does not count: `baseLr` and `maxLr` are absolute. */
export const cyclicLR = /* @__PURE__ */ house(
  "cyclicLR",
  { baseLr: required(finite(0)), maxLr: required(finite(0)), ...triangle },
  ({ baseLr, maxLr, stepSizeUp, stepSizeDown, mode, gamma, scaleFn, scaleMode }) =>
    cyclic({
      min: baseLr,
      max: maxLr,
      up: stepSizeUp,
      down: stepSizeDown,
      mode: modes[mode],
      gamma,
      scale: scaleFn,
      scaleOf: scaleMode === "cycle" ? "cycle" : "index",
    }),
);

/** The momentum that CyclicLR cycles the other way. */
export const cyclicMomentum = /* @__PURE__ */ house(
  "cyclicMomentum",
  { baseMomentum: fixed(finite(0.8)), maxMomentum: fixed(finite(0.9)), ...triangle },
  ({ baseMomentum, maxMomentum, ...rest }) => cyclicLR({ ...rest, baseLr: maxMomentum, maxLr: baseMomentum }),
);

const cycle = {
  totalSteps: required(count({ above: 1 })),
  pctStart: fixed(share(0.3)),
  annealStrategy: choice("cos", "linear"),
  threePhase: flag(false),
};

const shapes = { cos: "cosine", linear: "linear" } as const;

/** From k = totalSteps on it throws; torch extrapolates once before it does. */
export const oneCycleLR = /* @__PURE__ */ house(
  "oneCycleLR",
  { maxLr: required(finite(0)), ...cycle, divFactor: fixed(positive(25)), finalDivFactor: fixed(positive(1e4)) },
  ({ maxLr, totalSteps, pctStart, annealStrategy, threePhase, divFactor, finalDivFactor }) =>
    oneCycle({
      peak: maxLr,
      steps: totalSteps,
      warmupFraction: pctStart,
      shape: shapes[annealStrategy],
      threePhase,
      div: divFactor,
      finalDiv: finalDivFactor,
      after: "throw",
    }),
);

/** The momentum that OneCycleLR cycles the other way. */
export const oneCycleMomentum = /* @__PURE__ */ house(
  "oneCycleMomentum",
  { baseMomentum: fixed(positive(0.85)), maxMomentum: fixed(positive(0.95)), ...cycle },
  ({ baseMomentum, maxMomentum, ...rest }) =>
    oneCycleLR({ ...rest, maxLr: baseMomentum, divFactor: baseMomentum / maxMomentum, finalDivFactor: 1 }),
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
  (lr, { minLr }) => (minLr < lr ? undefined : `minLr must be less than lr, got ${minLr} and ${lr}`),
);

/** From the lr to `swaLr` over `annealEpochs`. */
export const swalr = /* @__PURE__ */ onLr(
  "swalr",
  {
    swaLr: required(atLeast(0, 0)),
    annealEpochs: fixed(whole(10)),
    annealStrategy: choice("cos", "linear"),
  },
  (init, { swaLr, annealEpochs: steps, annealStrategy }): Schedule => {
    if (steps === 0) return constant({ value: swaLr });
    return annealStrategy === "cos" ? cosineDecay({ init, end: swaLr, steps }) : linear({ init, end: swaLr, steps });
  },
);

/** Each begins at its milestone from its own index 0 and the base lr that it was made with. */
export const sequentialLR = (
  schedulers: readonly Schedule[],
  { milestones }: { readonly milestones: readonly number[] },
) => join(schedulers, milestones);

/** lr times all of them, which are made with an lr of 1: `chainedScheduler(0.1, [constantLR(1), stepLR(1, { stepSize: 3 })])`. */
export const chainedScheduler = (lr: number, schedulers: readonly Schedule[]) => scale(product(schedulers), lr);
