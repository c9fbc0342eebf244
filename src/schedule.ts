import { checkBackend } from "./arena.ts";
import type { Backend, BackendChoice, Curve } from "./backend.ts";
import { createBackend } from "./backends/index.ts";
import type { ScheduleName } from "./backends/wasm.ts";
import { checkKeys, type Options, type OptionTable, type Resolved, resolve, show } from "./options.ts";
import { type Fields, record } from "./record.ts";

/**
 * What a schedule is, said once; the kernel of the same name is its mirror.
 *
 * @typeParam O the table of its options
 * @typeParam C the names of its closed form's constants, in the kernel's order
 */
export interface ScheduleSpec<O extends OptionTable = OptionTable, C extends string = string> {
  readonly name: ScheduleName;
  /** The value at index k, for the README. */
  readonly formula: string;
  readonly options: O;
  readonly scalars: readonly C[];
  /** The closed form's constants. */
  constants(options: Resolved<O>, c: Fields<C>): void;
  /** A list that the closed form needs beside its constants. */
  list?(options: Resolved<O>): readonly number[];
  /** The value at index `k`. */
  at(k: number, c: Readonly<Fields<C>>, list: Float64Array): number;
}

/** A pure function of the 0-based update index that knows its name and options. */
export interface Schedule {
  (k: number): number;
  readonly toJSON: () => ScheduleJSON;
  /** @internal */
  readonly curve: Curve;
}

/** A schedule as data: `schedule` is its name, the rest its options. */
export interface ScheduleJSON {
  readonly schedule: string;
  readonly [option: string]: unknown;
}

/** Makes schedules of one kind: `stepDecay({ init: 0.1, rate: 0.5, every: 10 })`. */
export interface ScheduleFactory<O extends OptionTable> {
  /** @throws TypeError or RangeError that names the option, what was expected and what came */
  (options: Options<O>): Schedule;
  readonly spec: ScheduleSpec;
}

/** Turns a spec into the function that makes schedules of it. */
export function schedule<const O extends OptionTable, const C extends string>(
  spec: ScheduleSpec<O, C>,
): ScheduleFactory<O> {
  const Constants = record(spec.scalars);
  const make = (given: Options<O>): Schedule => {
    checkKeys(spec.name, given, Object.keys(spec.options));
    const options = structuredClone(resolve(spec.name, spec.options, given));
    const scalars = new Float64Array(spec.scalars.length);
    const c = new Constants(scalars);
    spec.constants(options, c);
    const list = spec.list && Float64Array.from(spec.list(options));
    const at = (k: number) => spec.at(k, c, list as Float64Array);
    const toJSON = () => structuredClone({ schedule: spec.name, ...options });
    return Object.assign((k: number) => at(k), { toJSON, curve: { kernel: spec.name, at, scalars, list } });
  };
  return Object.assign(make, { spec: spec as unknown as ScheduleSpec });
}

const samplers: { [C in BackendChoice]?: Backend } = {};

/** One small memory a choice of backend, made when it is first asked for. */
function sampler(choice: BackendChoice): Backend {
  samplers[choice] ??= createBackend(choice, 65536);
  return samplers[choice];
}

/** The most values that a new array is made for. */
const MOST = 0xffffffff;

export interface SampleOptions {
  /** How many values; by default the length of `out`. */
  readonly count?: number | undefined;
  /** The index of the first, default 0. */
  readonly start?: number | undefined;
  /** Where to write them; by default a new array. */
  readonly out?: Float64Array | undefined;
  /** Default "auto". */
  readonly backend?: BackendChoice | undefined;
}

/**
 * A schedule's values at `start`, `start + 1`, …: what calling it at each gives, to the bit, in one call.
 *
 * @returns `out`, or a new Float64Array
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function sample(schedule: Schedule, options: SampleOptions): Float64Array {
  checkKeys("sample", options, ["count", "start", "out", "backend"]);
  const { out, count = out?.length, start = 0, backend = "auto" } = options;
  if (typeof schedule?.curve?.at !== "function")
    throw new TypeError(`sample: schedule must be one of the library's schedules, got ${show(schedule)}`);
  if (out !== undefined && !(out instanceof Float64Array))
    throw new TypeError(`sample: out must be a Float64Array, got ${show(out)}`);
  if (count === undefined) throw new TypeError("sample: count or out must be given, got neither");
  const most = out?.length ?? MOST;
  checkWhole("count", count, most);
  checkWhole("start", start, Number.MAX_SAFE_INTEGER - count);
  checkBackend("sample", backend);
  const values = out === undefined ? new Float64Array(count) : out.subarray(0, count);
  sampler(backend).sample(schedule.curve, start, values);
  return out ?? values;
}

function checkWhole(key: string, value: unknown, most: number): void {
  if (typeof value !== "number") throw new TypeError(`sample: ${key} must be a number, got ${show(value)}`);
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new RangeError(`sample: ${key} must be a whole number in [0, ${most}], got ${value}`);
}
