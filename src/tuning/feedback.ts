import { type ScheduleFunction, show } from "../options.ts";

/** What a feedback schedule goes by; NaN where there is no number yet. */
export type FeedbackState = { scale: number } & { [name: string]: number | number[] };

/** The same as JSON takes it: null for NaN. */
export type SavedFeedback = Readonly<Record<string, number | null | readonly (number | null)[]>>;

/**
 * A schedule that a metric steers: the values of its base times `scale`. It can stand wherever a function of the update index can, also as
 * a part of another schedule, and takes its metric whenever there is one: after an epoch, or after every step.
 */
export interface Feedback {
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
   * @throws TypeError if it is not that; nothing has changed then
   */
  readonly load: (saved: SavedFeedback) => void;
}

/** Makes a schedule whose scale `advance` sets, out of the state and a metric. */
export function feedback<S extends FeedbackState>(
  name: string,
  base: number | ScheduleFunction,
  start: S,
  advance: (state: S, metric: number) => void,
): Feedback {
  let state = structuredClone(start);
  const follow = (k: number) => (typeof base === "number" ? base : base(k)) * state.scale;
  const methods = {
    update(metric: number) {
      if (typeof metric !== "number") throw new TypeError(`${name}: a metric must be a number, got ${show(metric)}`);
      advance(state, metric);
    },
    save: () => mapValues(state, (x) => (Number.isFinite(x) ? x : null)) as SavedFeedback,
    load(saved: SavedFeedback) {
      if (!fits(saved, start)) throw new TypeError(`${name}: what is loaded must be what save() gave`);
      state = mapValues(saved, (x) => x ?? NaN) as S;
    },
  };
  return Object.defineProperty(Object.assign(follow, methods), "scale", { get: () => state.scale }) as Feedback;
}

function mapValues<A, B>(record: Readonly<Record<string, A | readonly A[]>>, map: (x: A) => B) {
  const entries = Object.entries(record).map(([key, x]) => [key, Array.isArray(x) ? x.map(map) : map(x as A)]);
  return Object.fromEntries(entries) as Record<string, B | B[]>;
}

/** Whether `saved` has the keys of `start`, with a number where that has one and a list of them where that has a list. */
function fits(saved: unknown, start: FeedbackState): boolean {
  if (typeof saved !== "object" || saved === null) return false;
  const given = saved as Readonly<Record<string, unknown>>;
  const isNumber = (x: unknown) => x === null || typeof x === "number";
  return Object.entries(start).every(([key, x]) =>
    Array.isArray(x) ? Array.isArray(given[key]) && given[key].every(isNumber) : isNumber(given[key]),
  );
}
