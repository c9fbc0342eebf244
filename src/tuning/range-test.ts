import type { FloatArray } from "../backend.ts";
import { drive } from "../drive.ts";
import { readOptions } from "../given.ts";
import type { Optimizer } from "../optimizer.ts";
import { choice, count, fixed, fraction, type Options, positive, type Resolved, resolve, show } from "../options.ts";
import { isFunction } from "../realm.ts";
import { exponentialDecay } from "../schedules/exponential-decay.ts";
import { polynomialDecay } from "../schedules/polynomial-decay.ts";
import { type Callbacks, callbackKeys, checkCallbacks, checkLoss } from "./callbacks.ts";
import { type Suggestions, suggest, trimmed } from "./suggestions.ts";
import { checkOptimizer, signOf } from "./tuned.ts";

const options = {
  /** The first rate. */
  from: fixed(positive(1e-7)),
  /** The last. */
  to: fixed(positive(10)),
  /** How many rates, each for one step. */
  steps: fixed(count({ above: 1, fallback: 100 })),
  /** How the rates lie: at equal ratios, or as in Smith's paper at equal distances. */
  shape: choice("exponential", "linear"),
  /** How much of the smoothed loss is kept at each step; the mean is debiased, as Adam's are. */
  smoothing: fixed(fraction(0.98)),
  /** How many times the lowest smoothed loss ends the test; Infinity for none. */
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

export type RangeTestOptions = Options<typeof options> & Callbacks<RangeTestProgress>;

/** A curve of losses over rates, and what it suggests. */
export interface RangeTest {
  readonly lrs: Float64Array;
  /** The loss before the step with each rate, as it was given also where it is maximized. */
  readonly losses: Float64Array;
  readonly smoothed: Float64Array;
  /** Whether all rates were tried, the smoothed loss rose to `stopAt`, or a loss or gradient was not finite. */
  readonly ended: "complete" | "diverged" | "not finite";
  /** What fastai's rules read off the smoothed losses without the first tenth of the steps and the last five. */
  readonly suggestions: Suggestions;
  /**
   * How far to trust them. High: the loss fell by more than it jumps about from step to step at the lowest rates, it rose again within the
   * range, and the steepest fall and a tenth of the minimum are less than ten times apart. Medium: it fell, and one of the others holds. Low:
   * else.
   */
  readonly confidence: "high" | "medium" | "low";
}

/**
 * Trains for a few steps at ever larger rates (Smith 2015, arXiv 1506.01186) and puts everything back, to the bit: parameters, state,
 * counts, gradients, and the lr. Groups with an lr of their own keep that throughout. Until the test is over, nothing else may touch the
 * optimizer.
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
  return drive(climb(optimizer, lossAndGradients, rate, { ...resolved, progress, signal }));
}

function* climb(
  optimizer: Optimizer,
  lossAndGradients: (step: number) => unknown,
  rate: (k: number) => number,
  { steps, smoothing, stopAt, progress, signal }: Resolved<typeof options> & Callbacks<RangeTestProgress>,
): Generator<unknown, RangeTest> {
  const restore = keep(optimizer);
  const sign = signOf(optimizer);
  const curve: { lr: number; loss: number; smoothed: number }[] = [];
  let ended: RangeTest["ended"] = "complete";
  let smoothed = 0;
  let weight = 0;
  let best = Infinity;
  try {
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const lr = rate(step);
      optimizer.lr = lr;
      const loss = checkLoss("lrRangeTest", yield lossAndGradients(step));
      signal?.throwIfAborted();
      const { skipped } = optimizer;
      if (Number.isFinite(loss)) optimizer.step();
      if (!Number.isFinite(loss) || optimizer.skipped > skipped) {
        ended = "not finite";
        break;
      }
      weight = smoothing * weight + (1 - smoothing);
      // Of what stays the same this is that, to the bit, where Σ by Σ would fall by its rounding.
      smoothed += ((1 - smoothing) / weight) * (loss - smoothed);
      curve.push({ lr, loss, smoothed });
      progress?.({ step, steps, lr, loss, smoothed });
      best = Math.min(best, sign * smoothed);
      // stopAt · best, were it not that a loss can be negative.
      if (sign * smoothed - best > (stopAt - 1) * Math.abs(best)) {
        ended = "diverged";
        break;
      }
    }
    signal?.throwIfAborted();
  } finally {
    restore();
  }
  const column = (key: "lr" | "loss" | "smoothed") => Float64Array.from(curve, (point) => point[key]);
  return judge({ lrs: column("lr"), losses: column("loss"), smoothed: column("smoothed"), ended }, steps, sign);
}

/** What puts everything back. */
function keep(optimizer: Optimizer): () => void {
  const saved = optimizer.save();
  const lr = optimizer.lrInstead;
  const views: readonly FloatArray[] = Object.values(optimizer.grads);
  const grads = views.map((view) => view.slice());
  return () => {
    optimizer.load(saved);
    // Its type is that of the getter.
    optimizer.lr = lr as number;
    for (const [i, grad] of grads.entries()) views[i].set(grad);
  };
}

function judge(curve: Omit<RangeTest, "suggestions" | "confidence">, steps: number, sign: 1 | -1): RangeTest {
  const lrs = trimmed(curve.lrs, steps);
  const [losses, smoothed] = [curve.losses, curve.smoothed].map((x) => trimmed(x, steps).map((y) => sign * y));
  const suggestions = suggest(lrs, smoothed);
  const least = smoothed.reduce((a, b) => Math.min(a, b), Infinity);
  const fall = smoothed[0] - least;
  const calm = losses.subarray(0, Math.ceil(losses.length / 3));
  const jumps = calm.subarray(1).reduce((sum, loss, i) => sum + Math.abs(loss - calm[i]), 0) / (calm.length - 1);
  const { steepest = NaN, minimum = NaN } = suggestions;
  const fell = fall > jumps;
  const rose = curve.ended !== "complete" || smoothed[smoothed.length - 1] > least + fall / 2;
  const agree = steepest < 10 * minimum && minimum < 10 * steepest;
  const confidence = fell && rose && agree ? "high" : fell && (rose || agree) ? "medium" : "low";
  return { ...curve, suggestions, confidence };
}
