import {
  check,
  finite,
  fixed,
  listOf,
  type OptionType,
  type ScheduleFunction,
  show,
  valueAt,
} from "../common/options.ts";
import { elementsOf, isReadable } from "../common/realm.ts";
import { extentOf, withExtent } from "../schedules/core/extent.ts";

/** What a feedback schedule goes by: what each part of it may be, and is at first. */
type Parts = Readonly<Record<string, OptionType<unknown>>> & { readonly scale: OptionType<number> };
/** A state as it is between two metrics. */
export type FeedbackState<P extends Parts> = { scale: number } & {
  -readonly [K in keyof P]: P[K] extends OptionType<infer V> ? V : never;
};
type Plain<X> = Readonly<Record<string, X | readonly X[]>>;

/** The same as JSON takes it: null for what is not finite. */
export type SavedFeedback = Readonly<Record<string, number | null | readonly (number | null)[]>>;

/**
 * A schedule that a metric steers: the values of its base times `scale`. It can stand wherever a function of the update index can, also as
 * a part of another schedule, and takes its metric whenever there is one: after an epoch, or after every step.
 */
export interface Feedback {
  /** @throws TypeError or RangeError if the base is a function and gives no finite number */
  (k: number): number;
  /** What the base is multiplied by from the next step on. */
  readonly scale: number;
  /**
   * Takes a metric in; one that is not finite is no better than any other.
   *
   * @throws TypeError for what is no number
   */
  readonly update: (metric: number) => void;
  /** All that the scale depends on but the options, as JSON data. */
  readonly save: () => SavedFeedback;
  /**
   * Goes on from what `save` of one with the same options gave.
   *
   * @throws TypeError or RangeError if it is not that; nothing has changed then
   */
  readonly load: (saved: SavedFeedback) => void;
}

/** What is multiplied, a number or a schedule. By itself the result is then a factor between 0 and 1. */
export const base = finite(1);

/** Parts of a state: how often something happened, */
export const tally = (most: number): OptionType<number> => ({
  ...fixed(finite(0)),
  range: most === 0 ? "0" : `a whole number in [0, ${most}]`,
  inRange: (x) => Number.isSafeInteger(x) && x >= 0 && x <= most,
});

/** what the base is multiplied by, 1 at first and then within these bounds, */
export const scaleWithin = (min: number, max: number): OptionType<number> => {
  const [least, most] = [Math.min(min, 1), Math.max(max, 1)];
  return { ...fixed(finite(1)), range: `in [${least}, ${most}]`, inRange: (x) => x >= least && x <= most };
};

/** what metrics came to, NaN where there is none or one was not finite, */
export const outcome = (fallback: number): OptionType<number> => ({
  ...fixed(finite(fallback)),
  range: "a finite number or null",
  inRange: (x) => Number.isNaN(x) || Number.isFinite(x),
});

/** and a list of these. */
export const outcomes = (most: number): OptionType<number[]> => ({
  fallback: [],
  required: false,
  type: "an array of numbers",
  isType: listOf((x) => typeof x === "number"),
  range: `at most ${most}, each a finite number or null`,
  inRange: (list) => list.length <= most && list.every(outcome(0).inRange),
  schedulable: false,
});

/** A state as it is at first. */
export function startOf<P extends Parts>(parts: P): FeedbackState<P> {
  const entries = Object.entries(parts).map(([key, { fallback }]) => [key, fallback]);
  return structuredClone(Object.fromEntries(entries));
}

/** Makes a schedule whose scale `advance` sets, out of the state and a metric. */
export function feedback<P extends Parts>(
  name: string,
  of: number | ScheduleFunction,
  parts: P,
  advance: (state: FeedbackState<P>, metric: number) => void,
): Feedback {
  const keys = Object.keys(parts);
  const extent = extentOf(name, [of]);
  let state = startOf(parts);
  const follow = (k: number) => {
    if (typeof k !== "number") throw new TypeError(`${name}: k must be a number, got ${show(k)}`);
    return valueAt(`${name}: base`, base, of, k) * state.scale;
  };
  const methods = {
    update(metric: number) {
      if (typeof metric !== "number") throw new TypeError(`${name}: a metric must be a number, got ${show(metric)}`);
      advance(state, metric);
    },
    save: () => mapValues(state as Plain<number>, (x) => (Number.isFinite(x) ? x : null)),
    load(saved: SavedFeedback) {
      if (typeof saved !== "object" || !isReadable(saved) || !keys.every((key) => Object.hasOwn(saved, key)))
        throw new TypeError(`${name}: what is loaded must be what save() gave, got ${show(saved)}`);
      const own = Object.fromEntries(keys.map((key) => [key, saved[key]]));
      const loaded = mapValues(own, (x) => (x === null ? NaN : x));
      for (const key of keys) check(name, `the saved ${key}`, parts[key], loaded[key]);
      state = loaded as FeedbackState<P>;
    },
  };
  const made = Object.defineProperty(Object.assign(follow, methods), "scale", { get: () => state.scale });
  return withExtent(made as Feedback, extent);
}

function mapValues<A, B>(record: Plain<A>, map: (x: A) => B): Plain<B> {
  const entries = Object.entries(record).map(([key, x]) => [
    key,
    elementsOf(x)?.map(map as (x: unknown) => B) ?? map(x as A),
  ]);
  return Object.fromEntries(entries);
}
