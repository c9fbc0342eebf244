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

/** How many times what the loss fell steps promise that bounce. */
const BOUNCE = 200;

/** A fifth of the usual ratio of update to weights. */
const TINY = 2e-4;

/** A turn from which on there is too little noise to hide curvature. */
const HIDDEN = 0.98;

/** A ratio that may come from rounding alone. */
const ROUNDING = 1e-6;

/** What a rate's steps alone show, whatever the loss does. */
export function bySteps(strides: Strides, { began, finite }: Evidence): Judgement {
  const { count, settled, headroom } = strides;
  if (!began || (count < ENOUGH && !settled)) return { verdict: "unknown" };
  if (diverges(strides)) return { verdict: "too high" };
  if (!settled && headroom > TOO_LOW) return { verdict: "too low" };
  if (!finite) return { verdict: "unknown" };
  return settled ? { verdict: "sound", settled } : { verdict: "sound" };
}

/** What a rate's steps and the loss show, `share` being that of these steps in all that the slopes along steps promise. */
export function judge(strides: Strides, share: number, evidence: Evidence): Judgement {
  const { began, finite, trend } = evidence;
  const { count, settled } = strides;
  if (!began) return { verdict: "unknown" };
  if (count >= ENOUGH && diverges(strides)) return { verdict: "too high" };
  if (!finite) return { verdict: "too high", fault: "was not always finite" };
  if (trend.burst) return { verdict: "too high", fault: trend.risen ? "has risen" : "rose far above where it began" };
  if (settled) return trend.stuck && count >= ENOUGH ? stuck : { verdict: "sound", settled };
  if (count < ENOUGH) return { verdict: "unknown" };
  const hope = (strides.promise * evidence.count) / share;
  const { falls, fall, chance, risen } = trend;
  if (!falls && strides.turn < -0.5 && hope > MUCH * Math.max(chance, fall) && moves(strides))
    return { verdict: "too high" };
  if (strides.headroom > TOO_LOW) return { verdict: "too low" };
  if (hope <= LITTLE * chance) return { verdict: strides.turn < -0.5 ? "sound" : "too low" };
  if (risen) return { ...stuck, fault: "has risen" };
  if (trend.stuck && hope > MUCH * chance) return stuck;
  if (!falls && moves(strides) && hope > BOUNCE * Math.max(fall, chance))
    return { ...stuck, fault: "has hardly fallen" };
  return { verdict: !trend.stuck && creeps(strides, share, evidence) ? "too low" : "sound" };
}

const stuck: Judgement = { verdict: "too high", fault: "has not fallen" };

/** Whether steps move the weights by more than rounding may. */
const moves = ({ ratio }: Strides): boolean => ratio > ROUNDING;

/** Whether steps end higher than they began, and more so with every one. */
const diverges = (strides: Strides): boolean => strides.turn < -1 && strides.grows && moves(strides);

/** Whether curvature has hardly been felt where samples hide it: along the whole way, which has less noise than a step and counts twice, and a step. */
function creeps(strides: Strides, share: number, { count, trend, budgets }: Evidence): boolean {
  const { turn, ratio, pace } = strides;
  const fallen = trend.fall - trend.chance / 2;
  const bent = (pace * count) / share / fallen;
  const way = fallen > 0 && trend.falls ? Math.min(bent, 1) : 0;
  if ((2 * way + Math.min(turn, 1)) / 3 > STRAIGHT) return true;
  return ratio < TINY && turn < HIDDEN && budgets !== undefined && budgets > 1;
}
