import { readOptions } from "../common/given.ts";
import { runMaybeAsync } from "../common/maybe-async.ts";
import {
  choice,
  count,
  fixed,
  fraction,
  type Options,
  optional,
  positive,
  type Resolved,
  resolve,
  show,
} from "../common/options.ts";
import { isFunction } from "../common/realm.ts";
import type { FloatArray } from "../common/types.ts";
import type { Optimizer } from "../engine/optimizer.ts";
import { exp2 } from "../math/exp2.ts";
import { log2 } from "../math/log2.ts";
import { exponentialDecay } from "../schedules/exponential-decay.ts";
import { polynomialDecay } from "../schedules/polynomial-decay.ts";
import { checkOptimizer, signOf } from "../wrappers/wrapped.ts";
import { type Callbacks, callbackKeys, checkCallbacks, checkLoss } from "./callbacks.ts";
import { type Choice, choose, type Suggestions, spread, suggestions, trimmed } from "./suggestions.ts";

const options = {
  /** The first rate; default 1e-7. */
  from: fixed(positive(1e-7)),
  /** The last; default 10. */
  to: fixed(positive(10)),
  /** How many rates, each for one step; default 100. */
  steps: fixed(count({ above: 1, fallback: 100 })),
  /** How the rates lie: at equal ratios, "exponential", the default, or as in Smith's paper at equal distances, "linear". */
  shape: choice("exponential", "linear"),
  /**
   * How much of the smoothed loss is kept at each step; the mean is debiased, as Adam's are. Default 1 − 15 / steps, 0.85 for 100 and 0 for 15
   * or fewer: a mean over about a seventh of the test, however many steps it has. fastai's 0.98 lags behind 100 rates by half of them.
   */
  smoothing: optional(fraction(0)),
  /** How many times the lowest smoothed loss the smoothed loss, or three losses in a row, must be to end the test; default 4, Infinity for none. */
  stopAt: fixed({ ...positive(4), range: "> 1", inRange: (x: number) => x > 1 }),
};

/** How far a range test is. */
export interface RangeTestProgress {
  readonly step: number;
  readonly steps: number;
  readonly lr: number;
  readonly loss: number;
  readonly smoothed: number;
}

/** So many losses in a row that are all that high end a test whose smoothed loss lags. */
const HIGH = 3;

/**
 * How far apart suggestions may be that say the same, and that say about the same: valley is 10 to 20 times below the others even on a
 * quadratic without noise.
 */
const CLOSE = 30;
const APART = 100;

/** Over how many steps of 100 the smoothed loss is a mean. */
const WINDOW = 15;

export type RangeTestOptions = Options<typeof options> & Callbacks<RangeTestProgress>;

/** A curve of losses over rates, and what it suggests. */
export interface RangeTest {
  readonly lrs: Float64Array;
  /** The loss before the step with each rate, as it was given also where it is maximized. */
  readonly losses: Float64Array;
  readonly smoothed: Float64Array;
  /** Whether all rates were tried, the smoothed loss rose to `stopAt`, or a loss or gradient was not finite. */
  readonly ended: "complete" | "diverged" | "not finite";
  /**
   * What fastai's rules read off the smoothed losses without the first tenth of the steps and the last five, over rates that are smoothed alike
   * (a smoothed loss is that of earlier rates). None where no parameters that are trained use the rate, for their groups have their own.
   */
  readonly suggestions: Suggestions;
  /**
   * The one to take: a tenth of the rate with the lowest smoothed loss, "minimum", or where that is below `from` the first of steepest, valley
   * and slide that lies before the rise; undefined where none does.
   */
  readonly suggestion: Choice | undefined;
  /**
   * How far to trust that. High: the loss fell by more than it jumps about from step to step at the lowest rates, it rose again within the
   * range, and all suggestions are at most 30 times apart. Medium: it fell, and it rose again or they are at most a hundred times apart.
   * Low: else.
   */
  readonly confidence: "high" | "medium" | "low";
}

/**
 * Trains for a few steps at ever larger rates (Smith 2015, arXiv 1506.01186) and puts everything back, to the bit: parameters, state,
 * counts, gradients, and the lr. Groups with an lr of their own keep that throughout: it is the rate of the others that is tested. Until the
 * test is over, whatever else would move the optimizer throws.
 *
 * With an optimizer all of whose groups `maximize`, the loss is what is maximized: all that is said of it here holds for its negative. There
 * is none for `sam` or `lbfgs`, which ask for gradients themselves; a closure that goes uphill and back by itself has that of `sam`.
 *
 * @param lossAndGradients fills `optimizer.grads` for the parameters as they are and returns the loss, or a promise of it, in which case the
 *   test returns a promise; it gets the number of the step, from 0
 * @throws TypeError or RangeError that names the option, what was expected and what came; what `signal` was aborted with; what the closure
 *   throws. All is put back before.
 */
export function lrRangeTest(
  optimizer: Optimizer,
  lossAndGradients: (step: number) => Promise<number>,
  options?: RangeTestOptions,
): Promise<RangeTest>;
export function lrRangeTest(
  optimizer: Optimizer,
  lossAndGradients: (step: number) => number,
  options?: RangeTestOptions,
): RangeTest;
export function lrRangeTest(
  optimizer: Optimizer,
  lossAndGradients: (step: number) => unknown,
  range: RangeTestOptions = {},
): RangeTest | Promise<RangeTest> {
  checkOptimizer("lrRangeTest", optimizer);
  const given = readOptions("lrRangeTest", range, [...Object.keys(options), ...callbackKeys]);
  const resolved = resolve("lrRangeTest", options, given);
  const { from, to, steps, shape } = resolved;
  if (from >= to) throw new RangeError(`lrRangeTest: to must be > from, ${from}, got ${to}`);
  if (!isFunction(lossAndGradients))
    throw new TypeError(`lrRangeTest: lossAndGradients must be a function, got ${show(lossAndGradients)}`);
  checkCallbacks("lrRangeTest", given);
  const rate =
    shape === "linear"
      ? polynomialDecay({ init: from, end: to, steps: steps - 1 })
      : exponentialDecay({ init: from, rate: to / from, steps: steps - 1 });
  const { progress, signal } = given;
  const smoothing = resolved.smoothing ?? Math.max(1 - WINDOW / steps, 0);
  return runMaybeAsync(climb(optimizer, lossAndGradients, rate, { ...resolved, smoothing, progress, signal }));
}

type Settings = Resolved<typeof options> & Callbacks<RangeTestProgress> & { readonly smoothing: number };

function* climb(
  optimizer: Optimizer,
  lossAndGradients: (step: number) => unknown,
  rate: (k: number) => number,
  { steps, smoothing, stopAt, progress, signal }: Settings,
): Generator<unknown, RangeTest> {
  const { name, weights } = optimizer;
  weights.check(name);
  weights.checkSources(name);
  const restore = keep(optimizer);
  /** What the test itself does to the optimizer, which is closed to all others until it ends. */
  const own = (act: () => void) => {
    weights.state = "training";
    try {
      act();
    } finally {
      weights.state = "testing";
    }
  };
  const sign = signOf(optimizer);
  const curve: { lr: number; loss: number; smoothed: number }[] = [];
  let ended: RangeTest["ended"] = "complete";
  const smooth = smoother(smoothing);
  let best = Infinity;
  weights.state = "testing";
  let high = 0;
  try {
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const lr = rate(step);
      own(() => {
        optimizer.lr = lr;
      });
      const loss = checkLoss("lrRangeTest", yield lossAndGradients(step));
      signal?.throwIfAborted();
      const { skipped } = optimizer;
      if (Number.isFinite(loss)) own(() => optimizer.step());
      if (!Number.isFinite(loss) || optimizer.skipped > skipped) {
        ended = "not finite";
        break;
      }
      const smoothed = smooth(loss);
      curve.push({ lr, loss, smoothed });
      progress?.({ step, steps, lr, loss, smoothed });
      best = Math.min(best, sign * smoothed);
      // stopAt · best, were it not that a loss can be negative.
      const isHigh = (x: number) => sign * x - best > (stopAt - 1) * Math.abs(best);
      high = isHigh(loss) ? high + 1 : 0;
      if (isHigh(smoothed) || high === HIGH) {
        ended = "diverged";
        break;
      }
    }
    signal?.throwIfAborted();
  } finally {
    weights.state = "training";
    restore();
  }
  const column = (key: "lr" | "loss" | "smoothed") => Float64Array.from(curve, (point) => point[key]);
  const result = { lrs: column("lr"), losses: column("loss"), smoothed: column("smoothed"), ended };
  return judge(result, { steps, smoothing, sign, used: usesRate(optimizer) });
}

/** A mean that forgets, debiased as Adam's are. */
function smoother(smoothing: number): (x: number) => number {
  let smoothed = 0;
  let weight = 0;
  return (x) => {
    weight = smoothing * weight + (1 - smoothing);
    // Of what stays the same this is that, to the bit, where Σ by Σ would fall by its rounding.
    smoothed += ((1 - smoothing) / weight) * (x - smoothed);
    return smoothed;
  };
}

/** Whether anything that is trained has the optimizer's lr: groups may have their own. */
const usesRate = ({ groups }: Optimizer): boolean => groups.some(({ trainable, hypers }) => trainable && !hypers.ownLr);

/** What puts everything back. */
function keep(optimizer: Optimizer): () => void {
  const restore = optimizer.checkpoint();
  const views: readonly FloatArray[] = Object.values(optimizer.grads);
  const grads = views.map((view) => view.slice());
  return () => {
    restore();
    for (const [i, grad] of grads.entries()) views[i].set(grad);
  };
}

interface Reading {
  readonly steps: number;
  readonly smoothing: number;
  readonly sign: 1 | -1;
  /** Whether parameters used the rates. */
  readonly used: boolean;
}

type Curve = Omit<RangeTest, "suggestions" | "suggestion" | "confidence">;

const none: Suggestions = { valley: undefined, steepest: undefined, minimum: undefined, slide: undefined };

function judge(curve: Curve, { steps, smoothing, sign, used }: Reading): RangeTest {
  if (!used) return { ...curve, suggestions: none, suggestion: undefined, confidence: "low" };
  const rates = trimmed(behind(curve.lrs, smoothing), steps);
  const [losses, smoothed] = [curve.losses, curve.smoothed].map((x) => trimmed(x, steps).map((y) => sign * y));
  const found = suggestions(rates, smoothed, curve.lrs);
  const least = smoothed.reduce((a, b) => Math.min(a, b), Infinity);
  const fall = smoothed[0] - least;
  const calm = losses.subarray(0, Math.ceil(losses.length / 3));
  const jumps = calm.subarray(1).reduce((sum, loss, i) => sum + Math.abs(loss - calm[i]), 0) / (calm.length - 1);
  const fell = fall > jumps;
  const rose = curve.ended !== "complete" || smoothed[smoothed.length - 1] > least + fall / 2;
  const apart = spread(found);
  const confidence = !fell ? "low" : rose && apart <= CLOSE ? "high" : rose || apart <= APART ? "medium" : "low";
  return { ...curve, suggestions: found, suggestion: choose(found), confidence };
}

/** The rates that smoothed losses are of: the geometric means over the same steps. */
function behind(lrs: Float64Array, smoothing: number): Float64Array {
  const smooth = smoother(smoothing);
  return lrs.map((lr) => exp2(smooth(log2(lr, { hi: 0, lo: 0 }).hi)));
}
