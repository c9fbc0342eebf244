import { ranges } from "../common/bearing.ts";
import { type NamedScalars, namedScalars } from "../common/named-scalars.ts";
import {
  type Hyper,
  type HyperName,
  type OptionTable,
  type Resolved,
  type ScheduleFunction,
  valueForStep,
  valueToRead,
} from "../common/options.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import { type CommonOptions, commonOptions, decayOf, type Spec } from "./spec.ts";

/** The common options that are numbers, and what weight decay comes to: `coupled` to the gradient, `decay` off the parameter. */
type Shared = NamedScalars<HyperName<CommonOptions> | "coupled" | "decay">;

const numbersOf = (table: OptionTable): string[] => Object.keys(table).filter((key) => table[key].schedulable);
const shared = [...numbersOf(commonOptions), "coupled", "decay"];
const SharedRecord = namedScalars(shared) as unknown as new (values: FloatArray) => Shared;

/** A spec's options and the class of the records that hold their numbers: made once a spec, so that accesses stay monomorphic. */
export class HyperparameterTable {
  readonly options: OptionTable;
  /** What all specs share comes first, so that one class reads it whatever the spec. */
  readonly names: readonly string[];
  readonly Values: new (
    values: FloatArray,
  ) => NamedScalars<string> & Shared;

  constructor(spec: Spec) {
    this.options = { ...spec.options, ...commonOptions };
    this.names = [...shared, ...numbersOf(spec.options)];
    this.Values = namedScalars(this.names) as new (values: FloatArray) => NamedScalars<string> & Shared;
  }
}

interface Scheduled {
  readonly index: number;
  readonly name: string;
  readonly kind: Hyper;
  readonly at: ScheduleFunction;
}

/** The numeric options of one group and what they are at the step at hand. */
export class Hyperparameters {
  readonly values: NamedScalars<string> & Shared;
  readonly shared: Shared;
  readonly table: OptionTable;
  readonly options: Resolved<OptionTable>;
  /** Whether the lr is the group's own and not the optimizer's. */
  readonly ownLr: boolean;
  readonly #owner: string;
  /** What a divisor is at least. */
  readonly #least: number;
  /** How often a number has changed. */
  version = 0;
  readonly #names: readonly string[];
  /** Numbers as they were given, by the caller or by schedules for the step to come. */
  readonly #given: Float64Array;
  #scheduled: readonly Scheduled[] = [];
  readonly #decay: "coupled" | "decoupled" | undefined;
  #firstLr: number;

  /**
   * @param prefix stands before an option's name in messages: "groups[0]."
   * @param ownLr whether the lr is the group's own and not the optimizer's
   * @throws RangeError if a schedule begins out of its option's range
   */
  constructor(
    spec: Spec,
    { options: table, names, Values }: HyperparameterTable,
    options: Resolved<OptionTable>,
    dtype: Dtype,
    prefix: string,
    ownLr: boolean,
  ) {
    const numbers = new Float64Array(names.length);
    this.#owner = `${spec.name}: ${prefix}`;
    this.#given = new Float64Array(names.length);
    this.#least = ranges[dtype].least;
    this.table = table;
    this.options = options;
    this.#names = names;
    this.ownLr = ownLr;
    this.values = new Values(numbers);
    this.shared = new SharedRecord(numbers);
    this.#read(options);
    this.evaluate(0);
    this.#take();
    this.#decay = decayOf(spec, options);
    this.#firstLr = this.values.lr;
    if (this.firstLr === 0) throw new RangeError(`${spec.name}: decay "schedule" needs an lr that does not start at 0`);
    this.#decays();
  }

  /** The lr that `decay: "schedule"` is relative to; undefined where nothing is. */
  get firstLr(): number | undefined {
    return this.#decay === "decoupled" && this.options.decay === "schedule" ? this.#firstLr : undefined;
  }

  set firstLr(lr: number | undefined) {
    if (lr === undefined) return;
    this.#firstLr = lr;
    this.#decays();
  }

  /** The value of the numeric option `name`, if there is one: as it was given, also where it is held away from 0. */
  get(name: string): number | undefined {
    const kind = this.table[name];
    if (!kind?.schedulable) return undefined;
    const value = this.values[name];
    return kind.divides && value === this.#least ? this.#given[this.#names.indexOf(name)] : value;
  }

  /** What `setLr` would make the lr at update `k`; undefined if it would stay the group's own. */
  lrAt(lr: number | ScheduleFunction | undefined, k: number): number | undefined {
    if (this.ownLr) return undefined;
    return valueForStep(
      `${this.#owner}lr`,
      this.table.lr as Hyper,
      lr ?? (this.options.lr as number | ScheduleFunction),
      k,
    );
  }

  /** Takes another lr in place of the option's, or that again if undefined; `value` is what `lrAt` gave for the next step. */
  setLr(lr: number | ScheduleFunction | undefined, value: number | undefined): void {
    if (value === undefined) return;
    this.takeLr(lr);
    this.#set(this.#names.indexOf("lr"), this.table.lr, value);
    this.#decays();
  }

  /** The same where the lr is not evaluated yet. */
  takeLr(lr: number | ScheduleFunction | undefined): void {
    if (!this.ownLr) this.#read(lr === undefined ? this.options : { ...this.options, lr });
  }

  /** What puts everything back as it is now. */
  keep(): () => void {
    const values = this.values.values.slice();
    const given = this.#given.slice();
    const scheduled = this.#scheduled;
    return () => {
      this.values.values.set(values);
      this.#given.set(given);
      this.version++;
      this.#scheduled = scheduled;
    };
  }

  /** Sorts the options into numbers and schedules. */
  #read(options: Resolved<OptionTable>): void {
    this.#scheduled = this.#names.flatMap((key, index) => {
      const value = options[key];
      if (typeof value === "function")
        return [{ index, name: this.#owner + key, kind: this.table[key] as Hyper, at: value as ScheduleFunction }];
      if (typeof value === "number") this.#set(index, this.table[key], value);
      return [];
    });
  }

  /** Evaluates what is scheduled, for the update with 0-based index `k`; it holds once `settle` is called. */
  evaluate(k: number): void {
    for (let i = 0; i < this.#scheduled.length; i++) {
      const { index, name, kind, at } = this.#scheduled[i];
      this.#given[index] = valueForStep(name, kind, at, k);
    }
  }

  /** Takes what `evaluate` found. */
  settle(): void {
    if (this.#scheduled.length === 0) return;
    this.#take();
    this.#decays();
  }

  /** What is scheduled as it was at update `k`, to be read: what has no value there is NaN. */
  recall(k: number): void {
    for (const { index, name, kind, at } of this.#scheduled) this.#set(index, kind, valueToRead(name, kind, at, k));
    this.#decays();
  }

  #take(): void {
    for (let i = 0; i < this.#scheduled.length; i++) {
      const { index, kind } = this.#scheduled[i];
      this.#set(index, kind, this.#given[index]);
    }
  }

  /** What is divided by is held away from 0. */
  #set(index: number, { divides }: { readonly divides?: true }, value: number): void {
    this.version++;
    this.#given[index] = value;
    this.values.values[index] = divides && value < this.#least ? this.#least : value;
  }

  /** What weight decay comes to. Where its mode is no option it is "lr". */
  #decays(): void {
    const { lr, weightDecay } = this.values;
    this.shared.coupled = this.#decay === "coupled" ? weightDecay : 0;
    this.shared.decay =
      this.#decay === "decoupled" ? weightDecay * decayFactor(this.options.decay, lr, this.#firstLr) : 0;
  }
}

/** What a decoupled weight decay is multiplied by. */
export function decayFactor(mode: unknown, lr: number, first: number): number {
  if (mode === "fixed") return 1;
  return mode === "schedule" ? lr / first : lr;
}
