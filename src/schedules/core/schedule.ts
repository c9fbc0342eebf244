import { readOptions } from "../../common/given.ts";
import {
  listOf,
  type Options,
  type OptionTable,
  type OptionType,
  type Resolved,
  resolve,
  show,
} from "../../common/options.ts";
import { elementsOf } from "../../common/realm.ts";
import type { Curve } from "../../kernels/backend.ts";
import { extentOf, withExtent } from "./extent.ts";

/** What a schedule is, said once: what follows from it are its options' types and checks, its JSON and its row in the README. */
export interface ScheduleSpec<O extends OptionTable = OptionTable> {
  readonly name: string;
  /** The value at index k, for the README. */
  readonly formula: string;
  readonly options: O;
  /** What is wrong with options that are right one by one, if anything. */
  conflict?(options: Resolved<O>): string | undefined;
  curve(options: Resolved<O>): Curve;
}

/** A pure function of the 0-based update index that knows its name and options. */
export interface Schedule {
  /** What it is: "cosineDecay". */
  readonly name: string;
  /** @throws RangeError beyond its last step, where it was made with `after: "throw"`; what a function of yours inside throws */
  (k: number): number;
  /** @throws TypeError if a function of yours is inside that `registerFunction` does not know */
  readonly toJSON: () => ScheduleJSON;
  /** @internal */
  readonly curve: Curve;
}

/** A schedule as data: `schedule` is its name, the rest its options. */
export interface ScheduleJSON {
  readonly schedule: string;
  readonly [option: string]: unknown;
}

/** Makes schedules of one kind. */
export interface ScheduleMaker {
  readonly spec: ScheduleSpec;
  /** @internal */
  readonly make: (options: Readonly<Record<string, unknown>>) => Schedule;
}

/** Makes schedules of one kind from their options: `stepDecay({ init: 0.1, rate: 0.5, every: 10 })`. */
export interface ScheduleFactory<O extends OptionTable> extends ScheduleMaker {
  /** @throws TypeError or RangeError that names the option, what was expected and what came */
  (options: Options<O>): Schedule;
}

/** Makes schedules of others: `scale(schedule, 0.1)`. */
export interface Combinator<A extends readonly unknown[]> extends ScheduleMaker {
  /** @throws TypeError or RangeError that names the argument, what was expected and what came */
  (...args: A): Schedule;
}

/** Turns a spec into the function that makes schedules of it. */
export function composed<const O extends OptionTable>(spec: ScheduleSpec<O>): ScheduleFactory<O> {
  const make = maker(spec);
  return Object.assign((options: Options<O>) => make(options), { spec: spec as unknown as ScheduleSpec, make });
}

/** The same, with a function that makes options of arguments. */
export function combinator<const O extends OptionTable, A extends readonly unknown[]>(
  spec: ScheduleSpec<O>,
  optionsOf: (...args: A) => Options<O>,
): Combinator<A> {
  const make = maker(spec);
  return Object.assign((...args: A) => make(optionsOf(...args)), { spec: spec as unknown as ScheduleSpec, make });
}

function maker<O extends OptionTable>(spec: ScheduleSpec<O>): (given: Readonly<Record<string, unknown>>) => Schedule {
  return (given) => {
    const options = resolve(spec.name, spec.options, readOptions(spec.name, given, Object.keys(spec.options)));
    const extent = extentOf(spec.name, Object.values(options).flat());
    const conflict = spec.conflict?.(options);
    if (conflict !== undefined) throw new RangeError(`${spec.name}: ${conflict}`);
    const curve = spec.curve(options);
    const toJSON = () => ({ schedule: spec.name, ...json(spec.options, options) });
    const at = (k: number) => {
      if (typeof k !== "number") throw new TypeError(`${spec.name}: k must be a number, got ${show(k)}`);
      return curve.at(k);
    };
    const schedule = Object.defineProperty(Object.assign(at, { toJSON, curve }), "name", { value: spec.name });
    schedules.add(schedule);
    return withExtent(schedule, extent);
  };
}

/** Lists are the schedule's own: what becomes of those in the JSON is of no concern to it. */
function json(table: OptionTable, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(options).map(([key, value]) => {
    const kind: OptionType<unknown> = table[key];
    if (kind.json) return [key, kind.json.to(value)];
    return [key, Array.isArray(value) ? [...value] : value];
  });
  return Object.fromEntries(entries);
}

/** Every schedule that there is: what only looks like one, as a proxy does, has not been checked. */
const schedules = new WeakSet<object>();

export const isSchedule = (value: unknown): value is Schedule => typeof value === "function" && schedules.has(value);

const one = {
  fallback: undefined,
  type: "one of the library's schedules",
  isType: isSchedule,
  range: "one of the library's schedules",
  inRange: () => true,
  schedulable: false,
  json: { to: (schedule: Schedule) => schedule.toJSON(), from: (data: unknown, nested: Revive) => nested(data) },
} as const;

type Revive = (data: unknown) => unknown;

/** A schedule that another is made of. */
export const inner = (): OptionType<Schedule, true> => ({ ...one, required: true });

/** The same, where there need not be one. */
export const optionalInner = (): OptionType<Schedule | undefined, false> => ({
  ...one,
  required: false,
  json: { to: (schedule) => schedule?.toJSON(), from: one.json.from },
});

/** Schedules that another is made of. */
export const inners = (): OptionType<readonly Schedule[], true> => ({
  fallback: undefined,
  required: true,
  type: "an array of the library's schedules",
  isType: listOf(isSchedule),
  range: "at least one schedule",
  inRange: (list) => list.length > 0,
  schedulable: false,
  json: {
    to: (list) => list.map((schedule) => schedule.toJSON()),
    from: (data, nested) => elementsOf(data)?.map(nested) ?? data,
  },
});
