import { readOptions } from "../common/given.ts";
import { count, type Options, optional, resolve } from "../common/options.ts";
import type { Group } from "../engine/group.ts";
import type { Optimizer } from "../engine/optimizer.ts";
import type { ParamGuard } from "../memory/param-guard.ts";
import { checkOptimizer, signOf } from "../wrappers/wrapped.ts";
import { checkLoss } from "./callbacks.ts";
import { bySteps, type Evidence, type Judgement, judge, TOO_LOW, type Verdict } from "./judge.ts";
import { Losses } from "./losses.ts";
import { Probe, type Stride, sumOf } from "./probe.ts";
import { Strides } from "./strides.ts";

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
   * no step tells, where that is not what the loss says of the rate, and where a run that crept has come to its end.
   */
  readonly headroom: number;
  /** The length of an update by that of the weights: about 1e-3 is usual. */
  readonly ratio: number;
  readonly text: string;
}

export interface Report {
  /** On all steps as a whole: each group counts by its share of the slope along them. */
  readonly verdict: Verdict;
  /**
   * How many budgets more it takes for 99 % of what is left of the loss to fall, at the pace at which it slows down; Infinity where it does not
   * slow down, undefined where it does not fall.
   */
  readonly budgets: number | undefined;
  readonly groups: readonly GroupReport[];
  readonly text: string;
}

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
 * - Too high: the slope along steps turns round, is steeper at their end than at their beginning, and gradients grow; or the loss was not always
 *   finite, burst, has risen, or does not fall although the slopes along the steps promised many times what it may do by chance.
 * - Too low: by the curvatures the rate could be more than 5 times as large; or, where samples of the data hide those, the slope along the whole
 *   way from the first weights and along a step is at the end nearly what it was; or the steps promised no more than chance; or updates are below
 *   2e-4 of the weights and the loss needs more than another budget.
 * - Sound: neither, or the gradients have come to what rounding leaves of them.
 * - Unknown: fewer than three steps were looked at, or the loss was not finite before the first.
 *
 * A verdict is on a rate, so groups that share one are judged together, each element counting alike; a rate of which steps promise less than a
 * tenth of the whole has no say in the whole. On small models whose best rate was found by trying, 95 % of verdicts on rates from a thousandth
 * to a thousand times of it were right, and 91 % on models and optimizers with which no threshold was chosen. Batches of four, whose noise
 * hides everything, and rates a thirtieth of the best are the hardest.
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
  return new Diagnosis(optimizer, budget);
}

/** What `diagnose` makes. */
export class Diagnosis {
  readonly #losses = new Losses();
  readonly #weights: ParamGuard;
  readonly #rates: readonly Rate[];
  readonly #sign: 1 | -1;
  readonly #budget: number | undefined;
  #wait = 1;
  #phase = 1;

  /** @internal */
  constructor(optimizer: Optimizer, budget: number | undefined) {
    optimizer.weights.refuse("diagnose", "disposed");
    this.#weights = optimizer.weights;
    const trained = optimizer.groups.filter(({ trainable }) => trainable);
    this.#rates = by(trained, ({ hypers }) => hypers.options.lr).map((groups) => new Rate(groups));
    this.#sign = signOf(optimizer);
    this.#budget = budget;
  }

  /**
   * To be called after every step with that step's loss, before the gradients change.
   *
   * @throws TypeError for a loss that is no number, Error if the optimizer is disposed
   */
  update(loss: number): void {
    this.#weights.refuse("diagnose", "disposed");
    this.#losses.add(this.#sign * checkLoss("diagnose", loss));
    this.#wait--;
    if (this.#wait > 0) return;
    this.#look();
    if (this.#phase === 0) this.#wait = Math.min(Math.floor(this.#losses.count / 3), PAUSE);
    if (this.#phase === 0 && this.#wait === 0) this.#look();
  }

  #look(): void {
    const { count } = this.#losses;
    for (let i = 0; i < this.#rates.length; i++) this.#rates[i].look(this.#phase, count - 1);
    this.#phase = (this.#phase + 1) % 3;
  }

  /** What the steps so far show. */
  report(): Report {
    const { trend, began, finite, count } = this.#losses;
    const budgets = trend.steps === undefined ? undefined : trend.steps / (this.#budget ?? count);
    const evidence = { count, began, finite, trend, budgets };
    const loss = this.#sign < 0 ? "negated loss" : "loss";
    const judged = judgeAll(this.#rates, evidence);
    const verdict =
      ORDER.find((word) => judged.some(({ verdict, decides }) => decides && verdict === word)) ?? "unknown";
    const groups = judged.flatMap((judgement, i) => this.#rates[i].report(judgement, loss));
    const text = [...groups.map(({ text }) => text), prospect(evidence, loss, verdict)].join("\n");
    return { verdict, budgets, groups, text };
  }
}

const ORDER: readonly Verdict[] = ["too high", "too low", "sound", "unknown"];

/** A rate whose steps promise less of all that slopes along steps do has no say in the whole, and is judged by them alone. */
const SAY = 0.1;

/** Judges rates by steps and loss, or by steps alone if some show why a loss is as it is. */
function judgeAll(rates: readonly Rate[], evidence: Evidence): readonly (Judgement & { readonly decides: boolean })[] {
  const total = rates.reduce((sum, { strides }) => sum + strides.promise, 0);
  const alone = rates.map(({ strides }) => bySteps(strides, evidence));
  const shown = rates.length > 1 && alone.some(({ verdict }) => verdict === "too high");
  return rates.map(({ strides }, i) => {
    const share = total > 0 ? strides.promise / total : 1;
    const decides = !(share < SAY) || alone[i].verdict === "too high";
    return { ...(decides && !shown ? judge(strides, share, evidence) : alone[i]), decides };
  });
}

/** The groups of each key. */
function by(groups: readonly Group[], key: (group: Group) => unknown): readonly (readonly Group[])[] {
  const sets = new Map<unknown, Group[]>();
  for (const group of groups) {
    const set = sets.get(key(group));
    if (set) set.push(group);
    else sets.set(key(group), [group]);
  }
  return [...sets.values()];
}

/** Groups with one learning rate: a verdict is on that, hence on them together. */
class Rate {
  readonly strides: Strides;
  readonly #subjects: readonly Subject[];

  constructor(groups: readonly Group[]) {
    this.#subjects = by(groups, ({ hypers }) => hypers).map((groups) => new Subject(groups));
    this.strides = this.#subjects.length === 1 ? this.#subjects[0].strides : new Strides();
  }

  look(phase: number, step: number): void {
    if (phase < 2) {
      for (let i = 0; i < this.#subjects.length; i++) this.#subjects[i].look(phase);
      return;
    }
    const arrived = this.#subjects.map((subject) => subject.arrived(step));
    if (arrived.length > 1) this.strides.add(sumOf(arrived), step);
  }

  report(judgement: Judgement, loss: string): readonly GroupReport[] {
    return this.#subjects.map((subject) => subject.report(judgement, loss));
  }
}

/** Parameters that share their options, and what is known of their steps: some optimizers have a group for each tensor. */
class Subject {
  readonly strides = new Strides();
  readonly #probe: Probe;
  readonly #groups: readonly Group[];

  constructor(groups: readonly Group[]) {
    this.#groups = groups;
    this.#probe = new Probe(groups);
  }

  look(phase: number): void {
    if (phase === 0) this.#probe.start();
    else this.#probe.stepped();
  }

  arrived(step: number): Stride {
    const stride = this.#probe.arrived();
    this.strides.add(stride, step);
    return stride;
  }

  report({ verdict, fault, settled }: Judgement, loss: string): GroupReport {
    const { turn, headroom, ratio } = this.strides;
    const params = this.#groups.flatMap(({ members }) => members.map(({ name }) => name));
    const { lr } = this.#groups[0].hypers.values;
    const room = agrees(headroom, verdict) ? headroom : NaN;
    const report = { params, verdict, lr, turn, headroom: room, ratio };
    return {
      ...report,
      text: words(report, fault ? `the ${loss} ${fault}` : settled && "the gradients are down to rounding"),
    };
  }
}

/** Whether the headroom says nothing else than the verdict. */
function agrees(headroom: number, verdict: Verdict): boolean {
  if (verdict === "too high") return headroom < 1;
  return verdict === "too low" ? headroom > 1 : !(headroom > TOO_LOW);
}

function words(
  { params, verdict, lr, turn, headroom, ratio }: Omit<GroupReport, "text">,
  reason: string | false | undefined,
): string {
  const names =
    params.length > 3 ? `${params.slice(0, 3).join(", ")} and ${params.length - 3} more` : params.join(", ");
  const facts = [`lr ${digits(lr)}`];
  if (!Number.isNaN(turn))
    facts.push(`at the end of a step the slope along it is ${digits(turn)} of what it was at the beginning`);
  if (headroom === Infinity) facts.push("no curvature shows");
  else if (!Number.isNaN(headroom)) facts.push(`multiply lr by ${digits(headroom)} (if the loss were quadratic)`);
  if (!Number.isNaN(ratio)) facts.push(`an update is ${digits(ratio)} of the length of the weights`);
  return `${names}: ${verdict}${reason ? `, because ${reason}` : ""}. ${facts.join("; ")}.`;
}

function prospect({ began, finite, trend, budgets }: Evidence, loss: string, verdict: Verdict): string {
  if (!began) return `The ${loss} was not finite before the first step.`;
  if (!finite) return `The ${loss} was not always finite.`;
  if (trend.risen) return `The ${loss} is higher than where it began.`;
  if (budgets === undefined) return `The ${loss} does not fall.`;
  if (budgets === Infinity) return `The ${loss} falls and does not slow down.`;
  if (budgets === 0) return `${verdict === "too low" ? "At this rate the" : "The"} ${loss} has levelled off.`;
  return `The ${loss} falls; 99 % of what is left takes ${digits(budgets)} times the budget.`;
}

const digits = (x: number): string => String(Number(x.toPrecision(2)));
