import { readOptions } from "../common/given.ts";
import {
  between,
  choice,
  count,
  fixed,
  fraction,
  nonNegative,
  type Options,
  resolve,
  whole,
} from "../common/options.ts";
import { betterOptions, isBetter } from "./better.ts";
import { base, type Feedback, type FeedbackState, feedback, outcome, scaleWithin, tally } from "./feedback.ts";

const options = {
  base,
  /** What the scale is multiplied by when the metric has not become better for long enough. */
  factor: fixed(between(0, 1, 0.1)),
  /** How many metrics that are no better than the best are long enough; see `counting`. */
  patience: fixed(whole(10)),
  ...betterOptions(1e-4, 0),
  /** How many metrics after a reduction do not count as bad. */
  cooldown: fixed(whole(0)),
  /** The least that the scale becomes: torch's and Keras's min_lr over the base. */
  min: fixed(fraction(0)),
  /** A reduction of the scale by no more than this is left out: torch's eps over the base. */
  eps: fixed(nonNegative(0)),
  /** How many metrics are averaged into one: optax's accumulation_size. */
  every: fixed(count()),
  /**
   * Whose patience and cooldown these are. torch reduces at the bad metric after the last that patience allows; Keras and optax at that
   * one, so that with them 0 is the same as 1, and Keras's cooldown is a metric shorter.
   */
  counting: choice("torch", "optax", "keras"),
};

export type PlateauOptions = Options<typeof options>;

/**
 * Multiplies its base by `factor` whenever a metric has stopped becoming better: torch's ReduceLROnPlateau (whose
 * eps leaves out changes of the lr of up to 1e-8), Keras's with `{ counting: "keras", rtol: 0, atol: 1e-4 }` and optax's contrib.reduce_on_plateau with
 * `{ counting: "optax" }`.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function plateau(given: PlateauOptions = {}): Feedback {
  const read = readOptions("plateau", given, Object.keys(options));
  const { base, factor, patience, cooldown, min, eps, every, counting, ...better } = resolve("plateau", options, read);
  const allowed = counting === "torch" ? patience : Math.max(patience - 1, 0);
  const pause = counting === "keras" ? Math.max(cooldown - 1, 0) : cooldown;

  const parts = {
    scale: scaleWithin(min, 1),
    best: outcome(NaN),
    bad: tally(allowed),
    cooldown: tally(pause),
    count: tally(every - 1),
    mean: outcome(0),
  };

  const observe = (state: FeedbackState<typeof parts>, metric: number) => {
    if (isBetter(metric, state.best, better)) {
      state.best = metric;
      state.bad = 0;
    } else state.bad++;
    if (state.cooldown > 0) {
      state.cooldown--;
      state.bad = 0;
    }
    if (state.bad <= allowed) return;
    const reduced = Math.max(state.scale * factor, min);
    if (state.scale - reduced > eps) state.scale = reduced;
    state.cooldown = pause;
    state.bad = 0;
  };

  return feedback("plateau", base, parts, (state, metric) => {
    state.mean = (state.count * state.mean + metric) / (state.count + 1);
    state.count++;
    if (state.count < every) return;
    const { mean } = state;
    state.count = 0;
    state.mean = 0;
    observe(state, mean);
  });
}
