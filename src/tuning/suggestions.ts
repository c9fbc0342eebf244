import { log2 } from "../math/log2.ts";

export type Rule = "valley" | "steepest" | "minimum" | "slide";

/** Rates that four rules read off a curve of losses over ascending rates; undefined where the curve is too short for the rule. */
export interface Rates extends Readonly<Record<Rule, number | undefined>> {
  /** About half way down the longest run of ever lower losses, the others left out: fastai's default. */
  readonly valley: number | undefined;
  /** Where the loss falls fastest over the logarithm of the rate; the edge of what is safe. */
  readonly steepest: number | undefined;
  /** A tenth of the rate with the lowest loss. */
  readonly minimum: number | undefined;
  /** Left of the first interval, from the right, over which the slope of the loss hardly changes. */
  readonly slide: number | undefined;
}

/** A rate that a rule suggests. */
export interface Suggestion {
  readonly lr: number;
  /** Whether it is not beyond the rate at which the smoothed loss was lowest, after which it rose. */
  readonly beforeRise: boolean;
}

/** What the rules suggest; undefined where the curve is too short for one or the rate is outside of those that were tried. */
export type Suggestions = Readonly<Record<Rule, Suggestion | undefined>>;

/** The rate to take, and by which rule. */
export interface Choice {
  readonly lr: number;
  readonly rule: Rule;
}

/** Losses between the ends of `slide`'s interval, and the change of their slope, per step, that it takes for none. */
const INTERVAL = 15;
const LEVEL = 0.005;

/** What fastai leaves out: the first tenth of the steps, in which a smoothed loss settles, and the last five, which burst. */
export const trimmed = (x: Float64Array, steps: number): Float64Array => x.slice(Math.floor(steps / 10), -5);

/** fastai's rules (callback/schedule.py) on a curve without NaN; where its `valley` would wrap around to the last rate, this takes the first. */
export function suggest(lrs: Float64Array, losses: Float64Array): Rates {
  return {
    valley: valley(lrs, losses),
    steepest: steepest(lrs, losses),
    minimum: minimum(lrs, losses),
    slide: slide(lrs, losses),
  };
}

function valley(lrs: Float64Array, losses: Float64Array): number | undefined {
  // The longest decreasing subsequence: lowest[n] is the highest loss that ends one of n + 1 losses.
  const lowest: number[] = [];
  let end = 0;
  losses.forEach((loss, i) => {
    const found = lowest.findIndex((x) => x <= loss);
    const length = found < 0 ? lowest.length : found;
    if (length === lowest.length) end = i;
    lowest[length] = loss;
  });
  // As if it had no gaps.
  const start = lowest.length > 1 ? end - lowest.length : end;
  const third = (end - start) / 3;
  return lrs[Math.max(start + Math.floor(third) + Math.floor(third / 2), 0)];
}

function steepest(lrs: Float64Array, losses: Float64Array): number | undefined {
  if (losses.length < 2) return undefined;
  const pair = { hi: 0, lo: 0 };
  const logs = lrs.map((lr) => log2(lr, pair).hi);
  const slopes = losses.subarray(1).map((loss, i) => (loss - losses[i]) / (logs[i + 1] - logs[i]));
  return lrs[indexOfLeast(slopes)];
}

function minimum(lrs: Float64Array, losses: Float64Array): number | undefined {
  return losses.length > 0 ? lrs[indexOfLeast(losses)] / 10 : undefined;
}

function slide(lrs: Float64Array, losses: Float64Array): number | undefined {
  const last = losses.length - 1;
  const slope = (i: number) => {
    const [from, to] = [Math.max(i - 1, 0), Math.min(i + 1, last)];
    return (losses[to] - losses[from]) / (to - from);
  };
  let suggestion = lrs[last - INTERVAL];
  for (let right = last; right >= INTERVAL; right--) {
    const left = right - INTERVAL;
    if (Math.abs(slope(right) - slope(left)) <= LEVEL) break;
    suggestion = lrs[left];
  }
  return suggestion;
}

const indexOfLeast = (x: Float64Array): number => x.reduce((least, value, i) => (value < x[least] ? i : least), 0);

/** What the rules suggest by `rates`, those of `losses`, among `tried`. */
export function suggestions(rates: Float64Array, losses: Float64Array, tried: Float64Array): Suggestions {
  const found = suggest(rates, losses);
  const highest = rates[indexOfLeast(losses)];
  const named = (rule: Rule): Suggestion | undefined => {
    const lr = found[rule];
    if (lr === undefined || lr < tried[0] || lr > tried[tried.length - 1]) return undefined;
    return { lr, beforeRise: lr <= highest };
  };
  return { valley: named("valley"), steepest: named("steepest"), minimum: named("minimum"), slide: named("slide") };
}

/** From the rule that comes closest to the best fixed rate of a run to the one that is farthest off. */
const ORDER: readonly Rule[] = ["minimum", "steepest", "valley", "slide"];

/** The first that lies before the rise. */
export function choose(suggestions: Suggestions): Choice | undefined {
  const rule = ORDER.find((rule) => suggestions[rule]?.beforeRise);
  const lr = rule && suggestions[rule]?.lr;
  return rule && lr ? { lr, rule } : undefined;
}

/** The largest by the smallest. */
export function spread(suggestions: Suggestions): number {
  const lrs = Object.values(suggestions).flatMap((suggestion) => (suggestion ? [suggestion.lr] : []));
  return Math.max(...lrs) / Math.min(...lrs);
}
