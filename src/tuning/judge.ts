import type { Trend } from "./losses.ts";
import type { Strides } from "./strides.ts";

export type Verdict = "too high" | "sound" | "too low" | "unknown";

/** What the losses show, of which there is one for all parameters. */
export interface Evidence {
  /** How many there were. */
  readonly count: number;
  /** Whether the first, before any step, was finite; whether all were. */
  readonly began: boolean;
  readonly finite: boolean;
  readonly trend: Trend;
  readonly budgets: number | undefined;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** What the loss did to deserve it, where that and not the steps decides. */
  readonly fault?: string;
  /** Whether it is sound because the gradients have come to what rounding leaves of them. */
  readonly settled?: true;
}

/** A verdict takes so many steps that were looked at. */
const ENOUGH = 3;

/** From what factor on a rate that could be so much larger is too low. */
export const TOO_LOW = 5;

/** From where on a way is straight: 1 where the slope at its end is that at its beginning. */
const STRAIGHT = 0.66;

/** How many times what the loss may do by chance steps promise that must lower it, and that cannot. */
const MUCH = 32;
const LITTLE = 5;

/** How many times what the loss fell steps promise that bounce, at most those that it follows, and those that still promise where it has ended. */
const BOUNCE = 200;
const KEPT = 10;
const ENDED = 1.5;

/** A turn from which on steps do not overshoot. */
const ONWARD = 0.6;

/** How many times its first value a loss is above that whatever chance does, and where steps promised that it would fall. */
const EXPLODED = 1e6;
const SOARED = 2;

/** A fifth of the usual ratio of update to weights. */
const TINY = 2e-4;

/** A turn from which on there is too little noise to hide curvature. */
const HIDDEN = 0.98;

/** A ratio that may come from rounding alone. */
const ROUNDING = 1e-6;

/** What a rate's steps alone show, whatever the loss does. */
export function bySteps(strides: Strides, { began, finite }: Evidence): Judgement {
  const { count, settled } = strides;
  if (!began || (count < ENOUGH && !settled)) return { verdict: "unknown" };
  if (diverges(strides)) return { verdict: "too high" };
  if (!settled && roomy(strides)) return { verdict: "too low" };
  if (!finite) return { verdict: "unknown" };
  return settled ? { verdict: "sound", settled } : { verdict: "sound" };
}

/** What a rate's steps and the loss show, `share` being that of these steps in all that the slopes along steps promise. */
export function judge(strides: Strides, share: number, evidence: Evidence): Judgement {
  const { began, finite, trend } = evidence;
  const { count, settled } = strides;
  if (!began) return { verdict: "unknown" };
  if (count >= ENOUGH && diverges(strides)) return { verdict: "too high" };
  if (!finite) return tooHigh("was not always finite");
  if (trend.soars(EXPLODED)) return rose;
  const hope = (strides.promise * evidence.count) / share;
  const { falls, fall, chance, risen, arrived } = trend;
  const recovered = falls && hope < KEPT * fall && strides.turn > ONWARD;
  if (trend.burst && !recovered) return risen ? rose : burst;
  if (settled) {
    const high = (trend.stuck || trend.soars(SOARED)) && !arrived;
    return high && count >= ENOUGH ? stuck : { verdict: "sound", settled };
  }
  if (count < ENOUGH) return { verdict: "unknown" };
  if (!falls && strides.turn < -0.5 && hope > MUCH * Math.max(chance, fall) && moves(strides))
    return { verdict: "too high" };
  if (risen && fall < -2 * chance) return rose;
  // What steps promise a loss that fell and no longer does is noise, if it is of that size.
  const ended = !falls && fall > chance && hope > ENDED * fall && hope < MUCH * chance;
  if (roomy(strides) && !ended) return { verdict: "too low" };
  if (hope <= LITTLE * chance && fall <= Math.max(hope, 2 * chance))
    return { verdict: strides.turn < -0.5 ? "sound" : "too low" };
  if (risen || trend.soars(SOARED)) return rose;
  if (trend.stuck && !arrived && hope > MUCH * chance) return stuck;
  if (!falls && moves(strides) && hope > BOUNCE * Math.max(fall, chance)) return bounced;
  const slow = !trend.stuck && ((!ended && straight(strides, share, evidence)) || tiny(strides, evidence));
  return { verdict: slow ? "too low" : "sound" };
}

const tooHigh = (fault: string): Judgement => ({ verdict: "too high", fault });
const rose = tooHigh("has risen");
const burst = tooHigh("rose far above where it began");
const stuck = tooHigh("has not fallen");
const bounced = tooHigh("has hardly fallen");

/** Whether by the curvatures the rate could be much larger; of steps that overshoot those that were met along gradients are not all. */
const roomy = ({ headroom, turn }: Strides): boolean => headroom > TOO_LOW && turn > 0;

/** Whether steps move the weights by more than rounding may. */
const moves = ({ ratio }: Strides): boolean => ratio > ROUNDING;

/** Whether steps end higher than they began, and more so with every one. */
const diverges = (strides: Strides): boolean => strides.turn < -1 && strides.grows && moves(strides);

/**
 * Whether curvature has hardly been felt where samples hide it: along the whole way, which has less noise than a step and counts twice, and a
 * step. The way tells only where the loss fell, beyond chance, about as far as steps promised.
 */
function straight({ turn, pace, promise }: Strides, share: number, { count, trend }: Evidence): boolean {
  const fallen = trend.fall - trend.chance / 2;
  const follows = promise * count < share * KEPT * trend.fall && trend.fall > trend.chance;
  const way = follows ? Math.min((pace * count) / share / fallen, 1) : 0;
  return (2 * way + Math.min(turn, 1)) / 3 > STRAIGHT;
}

/** Whether updates are tiny beside the weights and the loss needs more than another budget. */
const tiny = ({ ratio, turn }: Strides, { budgets }: Evidence): boolean =>
  ratio < TINY && turn < HIDDEN && budgets !== undefined && budgets > 1;
