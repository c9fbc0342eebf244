import type { FloatArray } from "./backend.ts";
import { type OptionTable, type Resolved, type ScheduleFunction, show } from "./options.ts";
import { type RecordOf, record } from "./record.ts";
import { decayOf, type Spec } from "./spec.ts";

interface Scheduled {
  readonly index: number;
  readonly key: string;
  readonly at: ScheduleFunction;
}

type Values = RecordOf<string> & { decay: number };

/** A spec's numeric options, as a class whose instances hold a group's values: made once a spec, so that its accesses stay monomorphic. */
export class HyperTable {
  readonly table: OptionTable;
  readonly names: readonly string[];
  readonly Values: new (
    values: FloatArray,
  ) => Values;

  constructor(table: OptionTable) {
    this.table = table;
    this.names = Object.keys(table).filter((key) => table[key].schedulable);
    this.Values = record([...this.names, "decay"]) as new (values: FloatArray) => Values;
  }
}

/** The numeric options of one group and what they are at the step at hand. */
export class Hypers {
  /** By name; and `decay`, what decoupled weight decay takes away from a parameter. */
  readonly values: Values;
  readonly #owner: string;
  readonly #table: OptionTable;
  readonly #scheduled: readonly Scheduled[];
  readonly #decay: (values: Readonly<Values>) => number;

  /** @throws RangeError if a schedule begins out of its option's range */
  constructor(spec: Spec, { table, names, Values }: HyperTable, options: Resolved<OptionTable>) {
    this.#owner = spec.name;
    this.#table = table;
    this.values = new Values(new Float64Array(names.length + 1));
    this.#scheduled = names.flatMap((key, index) => {
      const value = options[key];
      if (typeof value === "function") return [{ index, key, at: value as ScheduleFunction }];
      this.values.values[index] = value as number;
      return [];
    });
    this.#decay = () => 0;
    this.resolve(0);
    if (decayOf(spec, options) === "decoupled") this.#decay = decoupled(spec.name, options.decay, this.values.lr);
    this.resolve(0);
  }

  /** The value of the numeric option `name`, if there is one. */
  get(name: string): number | undefined {
    return this.#table[name]?.schedulable ? this.values[name] : undefined;
  }

  /** Evaluates what is scheduled, for the update with 0-based index `k`. */
  resolve(k: number): void {
    for (let i = 0; i < this.#scheduled.length; i++) {
      const { index, key, at } = this.#scheduled[i];
      const value = at(k);
      if (typeof value !== "number" || !this.#table[key].inRange(value)) this.#refuse(key, value, k);
      this.values.values[index] = value;
    }
    this.values.decay = this.#decay(this.values);
  }

  #refuse(key: string, value: unknown, k: number): never {
    const { type, range } = this.#table[key];
    const name = `${this.#owner}: ${key}`;
    if (typeof value !== "number") throw new TypeError(`${name} must be ${type}, got ${show(value)} at step ${k}`);
    throw new RangeError(`${name} must be ${range}, got ${value} at step ${k}`);
  }
}

/** How much of a parameter decoupled decay takes away in one step; `first` is the lr of the first. */
function decoupled(owner: string, mode: unknown, first: number): (values: Readonly<Values>) => number {
  if (mode === "fixed") return ({ weightDecay }) => weightDecay;
  if (mode === "lr") return ({ lr, weightDecay }) => lr * weightDecay;
  if (first > 0) return ({ lr, weightDecay }) => weightDecay * (lr / first);
  throw new RangeError(`${owner}: decay "schedule" needs an lr that does not start at 0`);
}
