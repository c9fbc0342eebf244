import { readOptions } from "../given.ts";
import type { Group } from "../group.ts";
import type { Optimizer } from "../optimizer.ts";
import { count, type Options, optional, resolve } from "../options.ts";
import { checkLoss } from "./callbacks.ts";
import { Losses, type Trend } from "./losses.ts";
import { Probe } from "./probe.ts";
import { Strides } from "./strides.ts";
import { checkOptimizer, signOf } from "./tuned.ts";

export type Verdict = "too high" | "sound" | "too low" | "unknown";

const options = {
  /** How many steps the run may take; by default as many as it has taken. */
  budget: optional(count()),
};

export type DiagnoseOptions = Options<typeof options>;

/** What is found about parameters that share their options. */
export interface GroupReport {
  readonly params: readonly string[];
  readonly verdict: Verdict;
  /** The rate of the last step. */
  readonly lr: number;
  /**
   * The slope of the loss along a step, at its end by at its beginning: 1 where the step hardly changed anything, 0 where it ended at the
   * lowest point of its line, negative where it went over it, so that gradients alternate, below −1 where it ended higher than it began.
   * A mean over recent steps.
   */
  readonly turn: number;
  /**
   * By what the rate could be multiplied for gradient descent on a quadratic to converge fastest; below 1 if it should be lowered. NaN where
   * no step tells, where it is the loss that speaks against the rate, and where a run that crept has come to its end.
   */
  readonly headroom: number;
  /** The length of an update by that of the weights: about 1e-3 is usual. */
  readonly ratio: number;
  readonly text: string;
}

export interface Report {
  /** The worst of the groups': too high, too low, sound. */
  readonly verdict: Verdict;
  /**
   * How many budgets more it takes for 99 % of what is left of the loss to fall, at the pace at which it slows down; Infinity where it does not
   * slow down, undefined where it does not fall.
   */
  readonly budgets: number | undefined;
  readonly groups: readonly GroupReport[];
  readonly text: string;
}

/** A verdict takes so many steps that were looked at. */
const ENOUGH = 3;

/** From what factor on a rate that could be so much larger is too low. */
const TOO_LOW = 5;

/** A fifth of the usual ratio of update to weights, and ten times it. */
const TINY = 2e-4;
const LARGE = 1e-2;

/** A turn from which on there is too little noise to hide curvature. */
const HIDDEN = 0.98;

/** A ratio that may come from rounding alone. */
const ROUNDING = 1e-6;

/** A step that is looked at takes three calls; then so many go by, or a third of all so far if those are fewer. */
const PAUSE = 1000;

/**
 * Says whether a learning rate is too high, sound or too low, from the losses and from how the slope along some of the steps changes. It
 * looks at 128 elements of each group or somewhat more, at ever fewer steps from every second or third down to one in a thousand, and reads
 * only.
 *
 * In the long run that costs less than 10 % of a step of any size: 5 to 9 ns. Not at first, when it looks more often: of the first 100 steps it
 * looks at 10, of the first 1,000 at 18, each for up to 1 µs a group. In WebAssembly, for 100 parameters under sgd, that is two thirds of
 * the first 100 steps and an eighth of the first 1,000; for 4,096 under adam 5 % and 1 %.
 *
 * - Too high: the slope along steps turns round, is steeper at their end than at their beginning, and gradients grow; or the loss does not fall
 *   and the slope turns round to half or more, or by the curvatures met so far the rate should be less than half of what it is; or the
 *   loss bursts, rises above where it began, or gets no lower than that though updates are more than a hundredth of the weights and the
 *   curvatures do not say that the rate is too low.
 * - Too low: by the curvatures the rate could be more than 5 times as large; or noise hides them, updates are below 2e-4 of the weights, and
 *   the loss needs more than another budget or has not fallen.
 * - Sound: neither, or the gradients have come to what rounding leaves of them.
 * - Unknown: fewer than three steps were looked at, or the loss was not finite before the first.
 *
 * For gradient descent on a quadratic whose curvatures lie between μ and L this is theory (Nesterov 2004, 2.1.5): it converges for rates
 * below 2 / L, fastest at 2 / (μ + L); with heavy-ball momentum β (Polyak 1964) below 2 (1 + β) / L. Elsewhere it is a rule of thumb.
 * Gradients of samples of the data hide curvature: they make a turn of about 0, hence a headroom of 1 to 2, of every rate that is not far
 * too high or far too low.
 *
 * Where all groups `maximize`, the loss is what is maximized, and what is said here of the loss holds for its negative; where only some do,
 * for the loss as it is. There is none for `sam` or `lbfgs`.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function diagnose(optimizer: Optimizer, given: DiagnoseOptions = {}): Diagnosis {
  checkOptimizer("diagnose", optimizer);
  const { budget } = resolve("diagnose", options, readOptions("diagnose", given, Object.keys(options)));
  return new Diagnosis(optimizer.groups, signOf(optimizer), budget);
}

/** What `diagnose` makes. */
export class Diagnosis {
  readonly #losses = new Losses();
  readonly #subjects: readonly Subject[];
  readonly #sign: 1 | -1;
  readonly #budget: number | undefined;
  #wait = 1;
  #phase = 1;

  /** @internal */
  constructor(groups: readonly Group[], sign: 1 | -1, budget: number | undefined) {
    this.#subjects = [...byOptions(groups)].map((group) => new Subject(group));
    this.#sign = sign;
    this.#budget = budget;
    for (const { probe } of this.#subjects) probe.start();
  }

  /**
   * To be called after every step with that step's loss, before the gradients change.
   *
   * @throws TypeError for a loss that is no number
   */
  update(loss: number): void {
    this.#losses.add(this.#sign * checkLoss("diagnose", loss));
    this.#wait--;
    if (this.#wait > 0) return;
    this.#look();
    if (this.#phase === 0) this.#wait = Math.min(Math.floor(this.#losses.count / 3), PAUSE);
    if (this.#phase === 0 && this.#wait === 0) this.#look();
  }

  #look(): void {
    for (let i = 0; i < this.#subjects.length; i++) {
      const { probe, strides } = this.#subjects[i];
      if (this.#phase === 0) probe.start();
      else if (this.#phase === 1) probe.stepped();
      else strides.add(probe.arrived());
    }
    this.#phase = (this.#phase + 1) % 3;
  }

  /** What the steps so far show. */
  report(): Report {
    const { trend, began, finite, count } = this.#losses;
    const budgets = trend.steps === undefined ? undefined : trend.steps / (this.#budget ?? count);
    const evidence = { began, finite, trend, budgets, loss: this.#sign < 0 ? "negated loss" : "loss" };
    const groups = blame(
      this.#subjects.map((subject) => subject.judge(evidence)),
      evidence,
    );
    const verdict = ORDER.find((word) => groups.some((group) => group.verdict === word)) ?? "unknown";
    const text = [...groups.map(({ text }) => text), prospect(evidence, verdict)].join("\n");
    return { verdict, budgets, groups, text };
  }
}

const ORDER: readonly Verdict[] = ["too high", "too low", "sound", "unknown"];

interface Evidence {
  readonly began: boolean;
  readonly finite: boolean;
  readonly trend: Trend;
  readonly budgets: number | undefined;
  /** What messages call it. */
  readonly loss: string;
}

/** The groups that are trained, those of the same options together: some have one for each of their tensors. */
function byOptions(groups: readonly Group[]): Iterable<Group[]> {
  const sets = new Map<unknown, Group[]>();
  for (const group of groups) {
    if (!group.trainable) continue;
    const set = sets.get(group.hypers);
    if (set) set.push(group);
    else sets.set(group.hypers, [group]);
  }
  return sets.values();
}

/** Parameters that share their options, and what is known of their steps. */
class Subject {
  readonly probe: Probe;
  readonly strides = new Strides();
  readonly #groups: readonly Group[];

  constructor(groups: readonly Group[]) {
    this.#groups = groups;
    this.probe = new Probe(groups);
  }

  judge(evidence: Evidence): GroupReport {
    const { turn, headroom, ratio, settled } = this.strides;
    const verdict = this.#verdict(evidence);
    const params = this.#groups.flatMap(({ members }) => members.map(({ name }) => name));
    const { lr } = this.#groups[0].hypers.values;
    const rests = verdict === "sound" && settled;
    const room = rests && headroom > TOO_LOW ? NaN : headroom;
    const report = { params, verdict, lr, turn, headroom: room, ratio };
    return { ...report, text: words(report, rests ? "its gradients are down to rounding" : undefined) };
  }

  #verdict({ began, trend, budgets }: Evidence): Verdict {
    const { count, settled, turn, grows, headroom, ratio } = this.strides;
    if (!began) return "unknown";
    if (count < ENOUGH) return settled ? "sound" : "unknown";
    const overshoots = (turn < -1 && grows) || (!trend.falls && !settled && (turn < -0.5 || headroom < 0.5));
    if (overshoots && ratio > ROUNDING) return "too high";
    if (settled) return "sound";
    const slow = budgets === undefined ? trend.stuck : budgets > 1;
    if (headroom > TOO_LOW || (ratio < TINY && turn < HIDDEN && slow)) return "too low";
    return "sound";
  }
}

/** Holds a loss that bursts, rises, or is stuck though updates are large, against all groups if none shows why. */
function blame(groups: readonly GroupReport[], evidence: Evidence): readonly GroupReport[] {
  if (!evidence.began || groups.some(({ verdict }) => verdict === "too high")) return groups;
  return groups.map((group) => {
    const fault = faultOf(group, evidence);
    if (fault === undefined) return group;
    const report = { ...group, verdict: "too high" as const, headroom: NaN };
    return { ...report, text: words(report, `the ${evidence.loss} ${fault}`) };
  });
}

/** What the loss says against a group's rate. */
function faultOf({ ratio, headroom }: GroupReport, { finite, trend }: Evidence): string | undefined {
  if (!finite) return "was not always finite";
  if (trend.risen) return ratio > TINY ? "has risen" : undefined;
  return trend.stuck && ratio > LARGE && headroom <= TOO_LOW ? "has not fallen" : undefined;
}

function words(
  { params, verdict, lr, turn, headroom, ratio }: Omit<GroupReport, "text">,
  reason: string | undefined,
): string {
  const names =
    params.length > 3 ? `${params.slice(0, 3).join(", ")} and ${params.length - 3} more` : params.join(", ");
  const facts = [`lr ${digits(lr)}`];
  if (!Number.isNaN(turn))
    facts.push(`the slope along a step is ${digits(turn)} times as steep at its end as at its beginning`);
  if (headroom === Infinity) facts.push("no curvature shows");
  else if (!Number.isNaN(headroom)) facts.push(`${digits(headroom)} times the rate would be best for a quadratic`);
  if (!Number.isNaN(ratio)) facts.push(`an update is ${digits(ratio)} of the weights`);
  return `${names}: ${verdict}${reason ? `, for ${reason}` : ""}. ${facts.join("; ")}.`;
}

function prospect({ began, finite, trend, budgets, loss }: Evidence, verdict: Verdict): string {
  if (!began) return `The ${loss} was not finite before the first step.`;
  if (!finite) return `The ${loss} was not always finite.`;
  if (trend.risen) return `The ${loss} is higher than where it began.`;
  if (budgets === undefined) return `The ${loss} does not fall.`;
  if (budgets === Infinity) return `The ${loss} falls and does not slow down.`;
  if (budgets === 0) return `${verdict === "too low" ? "At this rate the" : "The"} ${loss} has levelled off.`;
  return `The ${loss} falls; 99 % of what is left takes ${digits(budgets)} times the budget.`;
}

const digits = (x: number): string => String(Number(x.toPrecision(2)));
