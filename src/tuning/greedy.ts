import { readOptions } from "../common/given.ts";
import { between, count, fixed, nonNegative, type Options, positive, resolve, whole } from "../common/options.ts";
import { betterOptions, isBetter } from "./better.ts";
import {
  base,
  type Feedback,
  type FeedbackState,
  feedback,
  outcome,
  outcomes,
  scaleWithin,
  startOf,
  tally,
} from "./feedback.ts";

const options = {
  base,
  /** What the scale is multiplied by after too many metrics that are no better, and divided by after as many that are. */
  factor: fixed(between(0, 1, 0.95)),
  /** How many in a row are not yet too many. */
  patience: fixed(whole(10)),
  ...betterOptions(0, 1e-6),
  /** How many metrics after a reduction are not looked at. */
  cooldown: fixed(whole(0)),
  /** How many metrics after an increase are not looked at. */
  warmup: fixed(whole(0)),
  /** The least and the most that the scale becomes; from beyond one of them it moves towards it only. */
  min: fixed(nonNegative(0.01)),
  max: fixed(positive(10)),
  /** A change of the scale by no more than this is left out. */
  eps: fixed(nonNegative(0)),
  /** The mean of how many metrics is looked at; 1 for none. */
  window: fixed(count()),
  /** How many reductions that find the scale at `min` it takes for all to begin anew. */
  reset: fixed(count({ fallback: 500 })),
};

export type GreedyOptions = Options<typeof options>;

/**
 * GreedyLR (Subramanian, Krishnamoorthy & Murthy 2025, arXiv 2512.14527) as in Hugging Face's transformers: raises its base while a metric becomes
 * better and lowers it while that does not. Theirs bounds the lr itself, by 1e-3 and 1, which is `min` and `max` here for a base of 0.1; a
 * window is `smooth` there; and what its documentation calls steps at the least lr its code counts as reductions. Its eps, 1e-8, is one
 * of the lr.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function greedy(given: GreedyOptions = {}): Feedback {
  const { base, factor, patience, cooldown, warmup, min, max, eps, window, reset, ...better } = resolve(
    "greedy",
    options,
    readOptions("greedy", given, Object.keys(options)),
  );

  if (min > max) throw new RangeError(`greedy: min must be ≤ max, got ${min} and ${max}`);

  const parts = {
    scale: scaleWithin(min, max),
    best: outcome(NaN),
    good: tally(patience),
    bad: tally(patience),
    pause: tally(Math.max(cooldown, warmup)),
    floored: tally(reset - 1),
    window: outcomes(window),
  };
  type State = FeedbackState<typeof parts>;

  const lower = (state: State) => {
    const lowered = Math.max(state.scale * factor, min);
    if (state.scale - lowered > eps) state.scale = lowered;
    state.bad = 0;
    if (state.scale <= min) state.floored++;
    if (state.floored >= reset) Object.assign(state, startOf(parts));
    state.pause = cooldown;
  };
  const raise = (state: State) => {
    const raised = Math.min(state.scale / factor, max);
    if (raised - state.scale > eps) state.scale = raised;
    state.pause = warmup;
    state.good = 0;
    state.floored = 0;
  };

  return feedback("greedy", base, parts, (state, metric) => {
    state.window.push(metric);
    if (state.window.length > window) state.window.shift();
    const mean = state.window.reduce((sum, x) => sum + x, 0) / state.window.length;
    if (state.pause > 0) {
      state.pause--;
      state.bad = 0;
      state.good = 0;
      return;
    }
    if (isBetter(mean, state.best, better)) {
      state.best = mean;
      state.good++;
      state.bad = 0;
    } else {
      state.bad++;
      state.good = 0;
    }
    if (state.good > patience) raise(state);
    else if (state.bad > patience) lower(state);
  });
}
