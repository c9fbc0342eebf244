/**
 * keras.optimizers.schedules (3.15) by its names: `exponentialDecay({ initialLearningRate: 0.1, decaySteps: 1000, decayRate: 0.96 })`. Index k
 * is the optimizer's iterations. Keras computes in float32 by its default, these in double precision.
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
  numbers,
  oneMore,
  optional,
  positive,
  required,
  whole,
} from "../../common/options.ts";
import { cosineDecay as cosine } from "../../schedules/cosine-decay.ts";
import { cosineRestarts } from "../../schedules/cosine-restarts.ts";
import { exponentialDecay as exponential } from "../../schedules/exponential-decay.ts";
import { inverseTimeDecay as inverseTime } from "../../schedules/inverse-time-decay.ts";
import { piecewiseConstant } from "../../schedules/piecewise-constant.ts";
import { polynomialDecay as polynomial } from "../../schedules/polynomial-decay.ts";
import { warmup } from "../../schedules/warmup.ts";
import { plateau } from "../../tuning/plateau.ts";
import { house, onLr } from "../preset.ts";

const decay = { initialLearningRate: required(finite(0)), decaySteps: required(positive(0)) };

export const exponentialDecay = /* @__PURE__ */ house(
  "exponentialDecay",
  { ...decay, decayRate: required(positive(0)), staircase: flag(false) },
  ({ initialLearningRate: init, decaySteps: steps, decayRate: rate, staircase }) =>
    exponential({ init, rate, steps, staircase }),
);

/** A boundary keeps the old value. */
export const piecewiseConstantDecay = /* @__PURE__ */ house(
  "piecewiseConstantDecay",
  { boundaries: milestones(), values: numbers() },
  ({ boundaries, values }) => piecewiseConstant({ boundaries: boundaries.map((k) => k + 1), values }),
  oneMore("values", "boundaries"),
);

export const polynomialDecay = /* @__PURE__ */ house(
  "polynomialDecay",
  { ...decay, endLearningRate: fixed(finite(1e-4)), power: fixed(positive(1)), cycle: flag(false) },
  ({ initialLearningRate: init, decaySteps: steps, endLearningRate: end, power, cycle }) =>
    polynomial({ init, end, steps, power, cycle }),
);

export const inverseTimeDecay = /* @__PURE__ */ house(
  "inverseTimeDecay",
  { ...decay, decayRate: required(nonNegative(0)), staircase: flag(false) },
  ({ initialLearningRate: init, decaySteps: steps, decayRate: rate, staircase }) =>
    inverseTime({ init, rate, steps, staircase }),
);

/** `decaySteps` come after `warmupSteps`, and these count only with a `warmupTarget`; the end is `alpha` times where the decay begins. */
export const cosineDecay = /* @__PURE__ */ house(
  "cosineDecay",
  {
    ...decay,
    alpha: fixed(finite(0)),
    /** Default: no warmup. */
    warmupTarget: optional(finite(0)),
    warmupSteps: fixed(whole(0)),
  },
  ({ initialLearningRate, decaySteps: steps, alpha, warmupTarget, warmupSteps }) => {
    const init = warmupTarget ?? initialLearningRate;
    const falling = cosine({ init, end: init * alpha, steps });
    if (warmupTarget === undefined || warmupSteps === 0) return falling;
    return warmup(falling, { steps: warmupSteps, from: initialLearningRate });
  },
);

/** Every restart is at its index. Keras takes a logarithm, floored in float32, that is an index early at 79 of 440. */
export const cosineDecayRestarts = /* @__PURE__ */ house(
  "cosineDecayRestarts",
  {
    initialLearningRate: required(finite(0)),
    firstDecaySteps: required(count()),
    tMul: fixed(atLeast(1, 2)),
    mMul: fixed(positive(1)),
    alpha: fixed(finite(0)),
  },
  ({ initialLearningRate: init, firstDecaySteps: steps, tMul, mMul, alpha }) =>
    cosineRestarts({ init, end: init * alpha, steps, stepsFactor: tMul, peakFactor: mMul, scales: "height" }),
);

/** The callback: `update(metric)` at the end of an epoch. Its mode "auto" goes by a metric's name, which is not known here. */
export const reduceLROnPlateau = /* @__PURE__ */ onLr(
  "reduceLROnPlateau",
  {
    factor: fixed(between(0, 1, 0.1)),
    patience: fixed(whole(10)),
    mode: choice("min", "max"),
    minDelta: fixed(nonNegative(1e-4)),
    cooldown: fixed(whole(0)),
    minLr: fixed(nonNegative(0)),
  },
  (base, { minDelta: atol, minLr, ...rest }) =>
    plateau({ ...rest, base, rtol: 0, atol, min: minLr / base, counting: "keras" }),
  (lr, { minLr }) => (minLr < lr ? undefined : `minLr must be less than lr, got ${minLr} and ${lr}`),
);
