import type { Backend } from "./backend.ts";
import { squares } from "./fold.ts";
import type { Group, Records } from "./group.ts";
import type { Hypers } from "./hypers.ts";
import { choice, limit, type Resolved, type ScheduleFunction, show } from "./options.ts";
import type { Spec } from "./spec.ts";

/** Options of all groups together. */
export const descentOptions = {
  /**
   * Multiplies all gradients by min(1, clipNorm / ‖g‖), the norm taken over all groups, as optax; torch adds 1e-6 to the norm. It is taken
   * in f64: where squares overflow that (f64 gradients beyond 1e154) it counts as not finite.
   */
  clipNorm: limit(),
  /**
   * When a gradient is not finite: leave everything as it is and count it in `skipped`, throw, or go on. What is looked at is the gradient
   * as it is given: a gradScale or lr can still be so large that what it makes of a finite one is not.
   */
  onNonFinite: choice("skip", "throw", "ignore"),
};

/** The steps of a list of groups: what is the same for all, whoever owns their memory. */
export class Descent {
  /** Updates made so far. Schedules are evaluated at it. */
  stepCount = 0;
  /** Steps left out because a gradient was not finite. */
  skipped = 0;
  readonly #owner: string;
  readonly #backend: Backend;
  /** The groups that are not frozen. */
  readonly #groups: readonly Group[];
  readonly #hypers: readonly Hypers[];
  readonly #survey: ((t: number) => void) | undefined;
  readonly #clipNorm: number | ScheduleFunction;
  readonly #onNonFinite: "skip" | "throw" | "ignore";

  /** @throws RangeError or TypeError if `clipNorm` is a schedule that begins out of range */
  constructor(
    spec: Spec,
    records: Records,
    backend: Backend,
    groups: readonly Group[],
    hypers: readonly Hypers[],
    { clipNorm, onNonFinite }: Resolved<typeof descentOptions>,
  ) {
    this.#owner = spec.name;
    this.#backend = backend;
    this.#groups = groups.filter(({ trainable }) => trainable);
    this.#hypers = hypers;
    this.#survey = surveyOf(spec, records, this.#groups, hypers[0]);
    this.#clipNorm = clipNorm;
    this.#onNonFinite = onNonFinite;
  }

  /**
   * Updates the groups' parameters, or leaves them as they are and counts that.
   *
   * @throws RangeError if a schedule gives a value out of its option's range, Error if `onNonFinite` is "throw" and a gradient
   *   is not finite; in both cases nothing has changed
   */
  step(): void {
    const groups = this.#groups;
    for (let i = 0; i < this.#hypers.length; i++) this.#hypers[i].resolve(this.stepCount);
    const factor = this.#factor();
    if (Number.isNaN(factor)) {
      this.#refuse();
      return;
    }
    this.stepCount++;
    if (this.#survey) {
      for (let i = 0; i < groups.length; i++) groups[i].prepare(factor);
      this.#survey(this.stepCount);
      for (let i = 0; i < groups.length; i++) groups[i].descend(this.stepCount);
      return;
    }
    // One after the other: groups share the memory of a prepared gradient.
    for (let i = 0; i < groups.length; i++) {
      groups[i].prepare(factor);
      groups[i].descend(this.stepCount);
    }
  }

  /** Turns the parameters into those to evaluate with, or back; false if they are the same. */
  turn(to: "eval" | "train"): boolean {
    return this.#groups.map((group) => group.turn(to)).includes(true);
  }

  /** What norm clipping multiplies the gradients by; NaN when they must not be used. */
  #factor(): number {
    const guarded = this.#onNonFinite !== "ignore";
    const most = limitAt(this.#owner, this.#clipNorm, this.stepCount);
    if (most === Infinity) return guarded && !this.#allFinite() ? NaN : 1;
    const norm = this.#norm();
    if (guarded && !Number.isFinite(norm)) return NaN;
    return norm > most ? most / norm : 1;
  }

  /** ‖g‖ over all groups, each under its `gradScale`. */
  #norm(): number {
    let sum = 0;
    for (let i = 0; i < this.#groups.length; i++) {
      const { g, hypers } = this.#groups[i];
      sum += hypers.shared.gradScale * hypers.shared.gradScale * this.#backend.fold(squares, g);
    }
    return Math.sqrt(sum);
  }

  #allFinite(): boolean {
    for (let i = 0; i < this.#groups.length; i++) if (!this.#backend.allFinite(this.#groups[i].g)) return false;
    return true;
  }

  #refuse(): void {
    if (this.#onNonFinite === "skip") {
      this.skipped++;
      return;
    }
    const members = this.#groups.flatMap((group) => group.members);
    const bad = members.find(({ g }) => !this.#backend.allFinite(g));
    const what = bad ? `the gradient of ${bad.name} is` : "the gradients' norm is";
    throw new Error(`${this.#owner}: ${what} not finite at step ${this.stepCount}`);
  }
}

/** The survey of all groups for the update with 1-based number `t`, if the spec has one; their gradients are ready. */
export function surveyOf(
  { survey }: Spec,
  { Sums }: Records,
  groups: readonly Group[],
  { values }: Hypers,
): ((t: number) => void) | undefined {
  if (!survey || groups.length === 0) return undefined;
  const sums = new Sums(new Float64Array(survey.sums.length));
  const [{ carry }] = groups;
  return (t) => {
    sums.values.fill(0);
    for (let i = 0; i < groups.length; i++) groups[i].measure(sums, t);
    survey.settle(values, t, sums, carry);
  };
}

/** What clipNorm is at index `k`. */
export function limitAt(owner: string, clipNorm: number | ScheduleFunction, k: number): number {
  if (typeof clipNorm === "number") return clipNorm;
  const value: unknown = clipNorm(k);
  if (typeof value !== "number")
    throw new TypeError(`${owner}: clipNorm must be a number or a schedule, got ${show(value)} at step ${k}`);
  if (value > 0) return value;
  throw new RangeError(`${owner}: clipNorm must be > 0, got ${value} at step ${k}`);
}
