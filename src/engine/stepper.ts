import { check, choice, limit, type Resolved, type ScheduleFunction, valueForStep } from "../common/options.ts";
import type { Backend } from "../kernels/backend.ts";
import { squares } from "../ops/reduce.ts";
import type { Group, ScalarClasses } from "./group.ts";
import type { Hyperparameters } from "./hyperparameters.ts";
import { lrOf } from "./saved-lr.ts";
import type { Spec } from "./spec.ts";

/** Options of all groups together. */
export const stepperOptions = {
  /**
   * Multiplies all gradients by min(1, clipNorm / ‖g‖), the norm taken over all groups, as optax; torch adds 1e-6 to the norm. It is taken
   * in f64: where squares overflow that (f64 gradients beyond 1e154) it counts as not finite.
   */
  clipNorm: limit(),
  /**
   * When a gradient is not finite, or larger than the state can bear without becoming infinite: leave everything as it is and count it in
   * `skipped`, throw, or go on. It is judged after gradScale and clipping. In f32 (f64) moving means of squares bear elements below 2^63
   * (2^511), sums of squares 2^51 (2^484), means and momentum buffers 2^126 (2^1022) over what they can add up to; what takes norms bears
   * 2^490 in f64. What weight decay makes of parameters, and an lr of steps, is not looked at.
   */
  onNonFinite: choice("skip", "throw", "ignore"),
};

/** How far steps have come, and what lr was set to. */
export interface Progress {
  readonly stepCount: number;
  readonly skipped: number;
  readonly lr: number | ScheduleFunction | undefined;
}

/** The steps of groups: what is the same for all, whoever owns their memory and whichever take part. */
export class Stepper {
  /** Updates made so far. Schedules are evaluated at it. */
  stepCount = 0;
  /** Steps left out because a gradient was not finite, or more than the state can bear. */
  skipped = 0;
  readonly #owner: string;
  readonly #hypers: readonly Hyperparameters[];
  readonly #globalStats: ((groups: readonly Group[], t: number) => void) | undefined;
  readonly #clipNorm: number | ScheduleFunction;
  readonly #onNonFinite: "skip" | "throw" | "ignore";
  #lr: number | ScheduleFunction | undefined;
  /** clipNorm at the next step. */
  #most = Infinity;

  /** @throws RangeError or TypeError if `clipNorm` is a schedule that begins out of range */
  constructor(
    spec: Spec,
    records: ScalarClasses,
    hypers: readonly Hyperparameters[],
    { clipNorm, onNonFinite }: Resolved<typeof stepperOptions>,
  ) {
    this.#owner = spec.name;
    this.#hypers = hypers;
    this.#globalStats = globalStatsOf(spec, records, hypers[0]);
    this.#clipNorm = clipNorm;
    clipNormAt(spec.name, clipNorm, 0);
    this.#onNonFinite = onNonFinite;
  }

  /**
   * Evaluates the schedules for the next step, which then goes by it: whoever steps calls this first, and looks again at what schedules, as
   * functions of the caller's, may have changed.
   *
   * @throws TypeError or RangeError if a schedule gives what its option does not take, and what the schedule throws; nothing has changed then
   */
  evaluate(): void {
    this.#evaluate(this.stepCount);
    this.#most = clipNormAt(this.#owner, this.#clipNorm, this.stepCount);
  }

  /**
   * Updates the parameters of `groups`, of which none is frozen, or leaves them as they are and counts that.
   *
   * @param backend in whose memory they lie
   * @throws Error if `onNonFinite` is "throw" and a gradient cannot be borne; nothing has changed then
   */
  step(groups: readonly Group[], backend: Backend): void {
    this.#settle();
    const most = this.#most;
    const norm = most === Infinity ? undefined : normOf(groups, backend);
    const factor = norm !== undefined && norm > most ? most / norm : 1;
    if (this.#onNonFinite !== "ignore" && !allBorne(groups, factor, norm)) {
      this.#refuse(groups, factor);
      return;
    }
    this.stepCount++;
    if (this.#globalStats) {
      for (let i = 0; i < groups.length; i++) groups[i].prepare(factor);
      this.#globalStats(groups, mostSteps(groups) + 1);
      for (let i = 0; i < groups.length; i++) groups[i].descend(groups[i].steps + 1);
      return;
    }
    // One after the other: groups share the memory of a prepared gradient.
    for (let i = 0; i < groups.length; i++) {
      groups[i].prepare(factor);
      groups[i].descend(groups[i].steps + 1);
    }
  }

  /** Moves the parameters of `groups` by `rho` in all, against the direction of a step; a gradient that is not finite, by nothing. */
  climb(groups: readonly Group[], backend: Backend, rho: number): void {
    this.#settle();
    const norm = normOf(groups, backend);
    if (!Number.isFinite(norm)) return;
    // Foret et al.'s code and all others add this to the norm, for a gradient of zeros.
    for (let i = 0; i < groups.length; i++) groups[i].climb(rho / (norm + 1e-12));
  }

  /** The optimizer's own value of a numeric option, as the last step used it or the first will. */
  hyper(name: string): number | undefined {
    return this.#hypers[0].get(name);
  }

  /**
   * From the next step on, a number or a schedule in place of the option `lr`; undefined gives back the option. Groups with an lr of their
   * own keep it.
   *
   * @throws TypeError or RangeError as the option would, also for what a schedule gives for the next step; nothing has changed then
   */
  setLr(lr: number | ScheduleFunction | undefined): void {
    if (lr !== undefined) check(this.#owner, "lr", this.#hypers[0].table.lr, lr);
    const values = this.#hypers.map((hypers) => hypers.lrAt(lr, this.stepCount));
    this.#lr = lr;
    for (const [i, hypers] of this.#hypers.entries()) hypers.setLr(lr, values[i]);
  }

  /** What puts counts, numeric options and the lr back as they are now. */
  keep(): () => void {
    const { stepCount, skipped, lr } = this;
    const restore = this.#hypers.map((hypers) => hypers.keep());
    return () => {
      this.stepCount = stepCount;
      this.skipped = skipped;
      this.#lr = lr;
      for (const back of restore) back();
    };
  }

  /** What `setLr` was last given. */
  get lr(): number | ScheduleFunction | undefined {
    return this.#lr;
  }

  /** What `lr` is to be set to, out of what was saved of it. */
  lrFrom(saved: unknown): number | ScheduleFunction | undefined {
    return lrOf(this.#owner, this.#hypers[0].table.lr, saved, this.#lr);
  }

  /** Goes on from where another was. A schedule that has no value there is heard of at the next step. */
  restore({ stepCount, skipped, lr }: Progress): void {
    this.stepCount = stepCount;
    this.skipped = skipped;
    this.#lr = lr;
    for (const hypers of this.#hypers) hypers.takeLr(lr);
    this.recall();
  }

  /** Evaluates the schedules as the last step did, or as the first will, whatever came in between: to be read. */
  recall(): void {
    for (const hypers of this.#hypers) hypers.recall(Math.max(this.stepCount - 1, 0));
  }

  /** Evaluates the schedules as the last of `stepCount` steps did, or as the first will. */
  resolve(stepCount: number): void {
    this.#evaluate(Math.max(stepCount - 1, 0));
    this.#settle();
  }

  #evaluate(k: number): void {
    for (let i = 0; i < this.#hypers.length; i++) this.#hypers[i].evaluate(k);
  }

  #settle(): void {
    for (let i = 0; i < this.#hypers.length; i++) this.#hypers[i].settle();
  }

  #refuse(groups: readonly Group[], factor: number): void {
    if (this.#onNonFinite === "skip") {
      this.skipped++;
      return;
    }
    const fault = groups.map((group) => group.guard.fault(factor)).find((fault) => fault !== undefined);
    throw new Error(`${this.#owner}: ${fault ?? "the gradients' norm is not finite"} at step ${this.stepCount}`);
  }
}

/** Takes the global statistics of groups for the update with 1-based number `t`, if the spec has any; their gradients are ready. */
export function globalStatsOf(
  { globalStats }: Spec,
  { Sums }: ScalarClasses,
  { values, options }: Hyperparameters,
): ((groups: readonly Group[], t: number) => void) | undefined {
  if (!globalStats) return undefined;
  const sums = new Sums(new Float64Array(globalStats.sums.length));
  return (groups, t) => {
    if (groups.length === 0) return;
    sums.values.fill(0);
    for (let i = 0; i < groups.length; i++) groups[i].measure(sums);
    globalStats.finish(values, t, sums, groups[0].carry, options);
  };
}

/** Fewer than the optimizer's where all were frozen for a time. */
function mostSteps(groups: readonly Group[]): number {
  let most = 0;
  for (let i = 0; i < groups.length; i++) most = Math.max(most, groups[i].steps);
  return most;
}

/** ‖g‖ over all groups, each under its `gradScale`. */
function normOf(groups: readonly Group[], backend: Backend): number {
  let sum = 0;
  for (let i = 0; i < groups.length; i++) {
    const { g, hypers } = groups[i];
    sum += hypers.shared.gradScale * hypers.shared.gradScale * backend.reduce(squares, g);
  }
  return Math.sqrt(sum);
}

function allBorne(groups: readonly Group[], factor: number, norm: number | undefined): boolean {
  if (norm !== undefined && !Number.isFinite(norm)) return false;
  for (let i = 0; i < groups.length; i++) if (!groups[i].guard.bears(factor, norm)) return false;
  return true;
}

const clipNormAt = (owner: string, clipNorm: number | ScheduleFunction, k: number): number =>
  valueForStep(`${owner}: clipNorm`, stepperOptions.clipNorm, clipNorm, k);
