import type { NamedScalars } from "../common/named-scalars.ts";
import { savedFloats, savedNumber } from "../common/saved-json.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import type { Backend } from "../kernels/backend.ts";
import { Group, type Member, type ScalarClasses } from "./group.ts";
import { mapped, type Place, type Plan } from "./layout.ts";
import type { LoadedTensor, SavedTensor } from "./saved.ts";
import type { Spec } from "./spec.ts";

/** What groups are made with. */
export interface Workshop {
  readonly spec: Spec;
  readonly records: ScalarClasses;
  readonly backend: Backend;
  readonly dtype: Dtype;
  /** What all groups carry together, for a spec with a globalStats. */
  readonly carry: NamedScalars<string> | undefined;
}

type Progress = Pick<LoadedTensor, "step" | "carry">;

/**
 * Parameters that lie side by side and share their options: one group, until what is loaded has made more updates to some of them than to
 * others, as where some were frozen. Then each run of those that have made the same is one, in the same memory: groups come one after the
 * other and share their scalars.
 */
export class Runs {
  /** As it was laid out. */
  readonly whole: Group;
  readonly #workshop: Workshop;
  readonly #plan: Plan;
  readonly #place: Place;
  #groups: readonly Group[];
  /** What was loaded for parameters that are frozen, which have no use for it but to be saved again. */
  #kept: ReadonlyMap<string, LoadedTensor> = new Map();

  constructor(workshop: Workshop, plan: Plan, place: Place) {
    this.#workshop = workshop;
    this.#plan = plan;
    this.#place = place;
    this.whole = this.#group(plan, place);
    this.#groups = [this.whole];
  }

  get groups(): readonly Group[] {
    return this.#groups;
  }

  /** The group that a parameter is in. */
  groupOf(param: string): Group {
    return this.#groups.find(({ members }) => members.some(({ name }) => name === param)) ?? this.whole;
  }

  /** Copies of all that its parameters are, by name. */
  save(): (readonly [string, SavedTensor])[] {
    return this.#groups.flatMap((group) => group.members.map((member) => [member.name, this.#saved(group, member)]));
  }

  #saved(group: Group, { name, p, state }: Member): SavedTensor {
    const { firstLr } = group.hypers;
    const kept = this.#kept.get(name);
    const carry = this.#workshop.carry ? undefined : kept?.carry;
    return {
      param: savedFloats(p),
      step: kept?.step ?? group.steps,
      state: mapped(kept?.state ?? state, savedFloats),
      carry: mapped(carry ?? group.numbers(), savedNumber),
      ...(firstLr === undefined ? {} : { firstLr }),
    };
  }

  /** Takes up what was loaded. The state of what nothing was loaded for begins at its start. */
  load(tensors: ReadonlyMap<string, LoadedTensor>): void {
    const { members, hypers, trainable } = this.whole;
    const { spec, carry } = this.#workshop;
    const [first] = tensors.values();
    if (carry) Object.assign(carry, first?.carry ?? spec.carry);
    const loaded = members.map(({ name }) => tensors.get(name));
    members.forEach(({ p }, i) => {
      p.set(loaded[i]?.param ?? p);
    });
    hypers.firstLr = loaded.find((tensor) => tensor?.firstLr !== undefined)?.firstLr;
    if (trainable) this.#resume(loaded);
    else this.#keep(loaded);
  }

  #keep(loaded: readonly (LoadedTensor | undefined)[]): void {
    const names = this.whole.members.map(({ name }) => name);
    // Copied, for what is loaded is the caller's.
    const kept = loaded.flatMap((tensor, i) =>
      tensor && tensor.step > 0 ? [[names[i], { ...tensor, state: mapped(tensor.state, savedFloats) }] as const] : [],
    );
    this.#kept = new Map(kept);
  }

  #resume(loaded: readonly (LoadedTensor | undefined)[]): void {
    const { spec } = this.#workshop;
    const fill: Readonly<Record<string, number | undefined>> = spec.fill?.(this.#plan.options) ?? {};
    const none = { step: 0, carry: spec.carry ?? {} };
    this.whole.members.forEach(({ state }, i) => {
      for (const [slot, x] of Object.entries(state)) {
        const values = loaded[i]?.state[slot];
        if (values) x.set(values);
        else x.fill(fill[slot] ?? 0);
      }
    });
    this.#cut(loaded.map((tensor) => tensor ?? none));
  }

  /** Makes a group of each run of members that have come equally far. */
  #cut(progress: readonly Progress[]): void {
    const starts = progress.flatMap((one, i) => (i > 0 && same(one, progress[i - 1]) ? [] : [i]));
    this.#groups =
      starts.length === 1
        ? [this.whole]
        : starts.map((start, i) => this.#part(start, starts[i + 1] ?? progress.length));
    for (const [i, group] of this.#groups.entries()) {
      group.steps = progress[starts[i]].step;
      if (!this.#workshop.carry) Object.assign(group.carry, progress[starts[i]].carry);
    }
  }

  /** A group of the members from `start` up to `end`. */
  #part(start: number, end: number): Group {
    const { members } = this.#plan;
    const lengthOf = (list: Plan["members"]) => list.reduce((sum, { length }) => sum + length, 0);
    const from = lengthOf(members.slice(0, start));
    const to = from + lengthOf(members.slice(start, end));
    const cut = (x: FloatArray) => x.subarray(from, to);
    const { p, g, slots, staged } = this.#place;
    const place = { ...this.#place, p: cut(p), g: cut(g), slots: mapped(slots, cut) };
    return this.#group(
      { ...this.#plan, members: members.slice(start, end) },
      // More than its gradient is only there where a group has one member.
      { ...place, staged: staged && { ...staged, gradient: cut(staged.gradient) } },
    );
  }

  #group(plan: Plan, place: Place): Group {
    const { spec, records, backend, dtype, carry } = this.#workshop;
    return new Group(spec, records, plan, place, carry ?? records.carry(), backend, dtype);
  }
}

const same = (a: Progress, b: Progress): boolean =>
  a.step === b.step && Object.keys(a.carry).every((key) => Object.is(a.carry[key], b.carry[key]));
