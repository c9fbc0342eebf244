import { readOptions } from "../common/given.ts";
import { runMaybeAsync } from "../common/maybe-async.ts";
import {
  check,
  count,
  finite,
  type Hyper,
  listOf,
  nonNegative,
  type OptionType,
  required,
  show,
} from "../common/options.ts";
import { isFunction } from "../common/realm.ts";
import { type Callbacks, callbackKeys, checkCallbacks, checkLoss } from "./callbacks.ts";

/** One step of a run: trains, and gives the loss, or a promise of it. */
type Step = (k: number) => number | Promise<number>;

export interface SweepOptions extends Callbacks<{ readonly step: number; readonly steps: number }> {
  /** The rates to compare, finite and ≥ 0. */
  readonly lrs: readonly number[];
  /** Steps of each run. */
  readonly steps: number;
  /** One run a rate for each, the same for all rates; finite, default [0]. */
  readonly seeds?: readonly number[] | undefined;
}

/** What one rate led to. */
export interface SweepRow {
  readonly lr: number;
  /** The mean over the runs of what each ended with, the mean loss of its last tenth; NaN if one diverged. */
  readonly loss: number;
  /** The lowest and the highest of these. */
  readonly lowest: number;
  readonly highest: number;
  /** How many runs came to a loss that is not finite, with which they ended. */
  readonly diverged: number;
  /** Every run's losses, in the seeds' order. */
  readonly losses: readonly Float64Array[];
}

export interface Sweep {
  /** In the order of `lrs`. */
  readonly rows: readonly SweepRow[];
  /** The rate with the lowest loss; undefined if there is none with which no run diverged. */
  readonly best: number | undefined;
}

interface Run {
  readonly lr: number;
  readonly step: Step;
  readonly losses: number[];
}

const list = (what: string, { range, inRange }: Hyper): OptionType<readonly number[]> => ({
  fallback: undefined,
  required: true,
  type: "an array of numbers",
  isType: listOf((x) => typeof x === "number"),
  range: `a list of at least one ${what}, each ${range}`,
  inRange: (value) => value.length > 0 && value.every(inRange),
  schedulable: false,
});

/**
 * Trains with several rates side by side, a step of each in turn, and compares what they end with. Lower is better: of what is maximized a
 * run is to give the negative.
 *
 * @param make makes one run with a rate and a seed, or promises it: builds its model and optimizer and returns its step
 * @returns a promise if `make` or a step gives one
 * @throws TypeError or RangeError that names the option, what was expected and what came; what `signal` was aborted with; what a run throws
 */
export function sweep(
  make: (lr: number, seed: number) => Promise<Step> | ((k: number) => Promise<number>),
  options: SweepOptions,
): Promise<Sweep>;
export function sweep(make: (lr: number, seed: number) => (k: number) => number, options: SweepOptions): Sweep;
export function sweep(make: (lr: number, seed: number) => unknown, given: SweepOptions): Sweep | Promise<Sweep> {
  const options = readOptions("sweep", given, ["lrs", "steps", "seeds", ...callbackKeys]);
  const { lrs, steps, seeds = [0] } = options;
  check("sweep", "lrs", list("rate", nonNegative(0)), lrs);
  check("sweep", "steps", required(count()), steps);
  check("sweep", "seeds", list("seed", finite(0)), seeds);
  checkCallbacks("sweep", options);
  if (!isFunction(make)) throw new TypeError(`sweep: make must be a function, got ${show(make)}`);
  return runMaybeAsync(race(make, { ...options, seeds }));
}

function* race(
  make: (lr: number, seed: number) => unknown,
  { lrs, steps, seeds, progress, signal }: SweepOptions & { readonly seeds: readonly number[] },
): Generator<unknown, Sweep> {
  const runs: Run[] = [];
  for (const lr of lrs)
    for (const seed of seeds) {
      signal?.throwIfAborted();
      const step: unknown = yield make(lr, seed);
      if (!isFunction(step)) throw new TypeError(`sweep: make must return a function, got ${show(step)}`);
      runs.push({ lr, step: step as Step, losses: [] });
    }
  for (let k = 0; k < steps; k++) {
    for (const { step, losses } of runs) {
      if (!Number.isFinite(losses.at(-1) ?? 0)) continue;
      signal?.throwIfAborted();
      losses.push(checkLoss("sweep", yield step(k)));
    }
    progress?.({ step: k, steps });
  }
  signal?.throwIfAborted();
  const rows = lrs.map((lr, i) => row(lr, runs.slice(i * seeds.length, (i + 1) * seeds.length), steps));
  const finished = rows.filter(({ diverged }) => diverged === 0);
  return { rows, best: finished.length > 0 ? finished.reduce((a, b) => (b.loss < a.loss ? b : a)).lr : undefined };
}

function row(lr: number, runs: readonly Run[], steps: number): SweepRow {
  const last = Math.ceil(steps / 10);
  const ends = runs.map(({ losses }) => mean(losses.slice(-last)));
  const diverged = runs.filter(({ losses }) => !Number.isFinite(losses.at(-1))).length;
  return {
    lr,
    loss: diverged > 0 ? NaN : mean(ends),
    lowest: Math.min(...ends),
    highest: Math.max(...ends),
    diverged,
    losses: runs.map(({ losses }) => Float64Array.from(losses)),
  };
}

/** From each to the next, for a sum can be beyond f64. */
const mean = (x: readonly number[]): number => x.reduce((sofar, value, i) => sofar + (value - sofar) / (i + 1), 0);
