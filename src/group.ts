import type { Backend, Dtype, FloatArray, Prelude } from "./backend.ts";
import type { Place, Plan } from "./layout.ts";
import { type OptionTable, type ScheduleFunction, show } from "./options.ts";
import { type Fields, type RecordOf, record } from "./record.ts";
import { gradientOptions, type Spec } from "./spec.ts";

const PreludeRecord = record(["scale", "ceiling", "floor", "decay"]);

/** A spec with what is derived from it once: its whole table, and the records its numbers live in, whose accesses stay monomorphic. */
export class Derived {
  readonly spec: Spec;
  readonly table: OptionTable;
  readonly hypers: readonly string[];
  readonly Hyper: new (
    values: FloatArray,
  ) => RecordOf<string>;
  readonly Scalars: new (
    values: FloatArray,
  ) => RecordOf<string>;

  constructor(spec: Spec) {
    this.spec = spec;
    this.table = { ...spec.options, ...gradientOptions };
    this.hypers = Object.keys(this.table).filter((key) => this.table[key].schedulable);
    this.Hyper = record(this.hypers);
    this.Scalars = record(spec.scalars);
  }
}

interface Scheduled {
  readonly index: number;
  readonly key: string;
  readonly at: ScheduleFunction;
}

/** Parameters that lie side by side and share their options: one kernel call a step, however many they are. */
export class Group {
  readonly p: FloatArray;
  readonly g: FloatArray;
  /** The values of the numeric options, as `resolve` left them. */
  readonly hyper: RecordOf<string>;
  readonly #derived: Derived;
  readonly #scheduled: readonly Scheduled[];
  readonly #constants: Fields<string>;
  readonly #prelude: Prelude;
  readonly #coupled: boolean;
  readonly #sign: number;
  readonly #run: () => void;

  constructor(
    derived: Derived,
    { options }: Plan,
    { p, g, slots, scalars, prelude, scratch }: Place,
    backend: Backend,
    dtype: Dtype,
  ) {
    const { spec, hypers, Hyper, Scalars } = derived;
    this.p = p;
    this.g = g;
    this.#derived = derived;
    this.#coupled = spec.decay === "coupled" && "weightDecay" in options;
    this.#sign = options.maximize ? -1 : 1;

    this.hyper = new Hyper(new Float64Array(hypers.length));
    this.#scheduled = hypers.flatMap((key, index) => {
      const value = options[key];
      if (typeof value === "function") return [{ index, key, at: value as ScheduleFunction }];
      this.hyper.values[index] = value as number;
      return [];
    });

    const constants = new Scalars(scalars);
    this.#constants = constants;
    this.#prelude = new PreludeRecord(prelude);
    this.#run = backend.bind({
      kernel: spec.kernel(options),
      sweep: (arrays, round) => spec.sweep(arrays, constants, round, options),
      dtype,
      p,
      g,
      slots,
      scalars,
      prelude: this.#prelude,
      scratch,
    });
  }

  /** Evaluates what is scheduled, for the update with 0-based index `k`. */
  resolve(k: number): void {
    for (let i = 0; i < this.#scheduled.length; i++) {
      const { index, key, at } = this.#scheduled[i];
      const value = at(k);
      if (typeof value !== "number" || !this.#derived.table[key].inRange(value)) this.#refuse(key, value, k);
      this.hyper.values[index] = value;
    }
  }

  #refuse(key: string, value: unknown, k: number): never {
    const { type, range } = this.#derived.table[key];
    const name = `${this.#derived.spec.name}: ${key}`;
    if (typeof value !== "number") throw new TypeError(`${name} must be ${type}, got ${show(value)} at step ${k}`);
    throw new RangeError(`${name} must be ${range}, got ${value} at step ${k}`);
  }

  /** One update with 1-based number `t`, the gradients multiplied by `factor`. */
  update(t: number, factor: number): void {
    const { hyper } = this;
    this.#derived.spec.constants(hyper, t, this.#constants);
    this.#prelude.scale = this.#sign * hyper.gradScale * factor;
    this.#prelude.ceiling = hyper.clipValue;
    this.#prelude.floor = -hyper.clipValue;
    this.#prelude.decay = this.#coupled ? hyper.weightDecay : 0;
    this.#run();
  }
}
