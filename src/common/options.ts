import { elementsOf, isFunction } from "./realm.ts";
import { show } from "./show.ts";

export { show };

/**
 * What an option may be: its default, the values it takes, and how a message says so. Everything that is written about an option
 * anywhere (types, checks, error messages, tables in the README, random values in tests) follows from its kind.
 */
export interface OptionType<V, Required extends boolean = boolean> {
  readonly fallback: V | undefined;
  readonly required: Required;
  /** "a number", for a TypeError. */
  readonly type: string;
  isType(value: unknown): boolean;
  /** "in [0, 1)", for a RangeError. */
  readonly range: string;
  inRange(value: V): boolean;
  /** The words it takes, if it takes words. */
  readonly words?: readonly string[];
  /** Whether a schedule may stand for it: a number that is read at every step. */
  readonly schedulable: boolean;
  /** How it becomes JSON and comes back, where it is not JSON as it is; `nested` makes a schedule of its JSON. */
  readonly json?: {
    to(value: V): unknown;
    from(data: unknown, nested: (data: unknown) => unknown): unknown;
  };
  /** Whether it is of all groups together, so that none can have its own. */
  readonly ungrouped?: true;
  /** Whether something is divided by it, which so must not be 0 in any dtype. */
  readonly divides?: true;
}

/** A number that is read at every step, so that a schedule can stand for it. */
export interface Hyper extends OptionType<number, false> {
  readonly schedulable: true;
  readonly fallback: number;
}

export type OptionTable = Readonly<Record<string, OptionType<unknown>>>;

/** Anything that gives a value for a 0-based update index: the library's schedules and any function of yours. */
export type ScheduleFunction = (k: number) => number;

type Value<K> = K extends Hyper ? number | ScheduleFunction : K extends OptionType<infer V> ? V : never;
type RequiredKeys<T extends OptionTable> = {
  [K in keyof T]: T[K] extends OptionType<unknown, true> ? K : never;
}[keyof T];

/** The options a caller gives, as a table describes them. */
export type Options<T extends OptionTable> = {
  readonly [K in Exclude<keyof T, RequiredKeys<T>>]?: Value<T[K]> | undefined;
} & ([RequiredKeys<T>] extends [never] ? unknown : { readonly [K in RequiredKeys<T>]: Value<T[K]> });

/** The same after defaults are filled in. */
export type Resolved<T extends OptionTable> = { readonly [K in keyof T]: Value<T[K]> };

/** Those options of a table that a group can have its own of. */
export type OwnOptions<T extends OptionTable> = {
  readonly [K in keyof T as T[K] extends { readonly ungrouped: true } ? never : K]: T[K];
};

/** The names of a table's schedulable numbers. */
export type HyperName<T extends OptionTable> = { [K in keyof T]: T[K] extends Hyper ? K : never }[keyof T] & string;

const isNumber = (value: unknown): boolean => typeof value === "number";

function hyper(fallback: number, range: string, inRange: (value: number) => boolean): Hyper {
  return {
    fallback,
    required: false,
    type: "a number or a schedule",
    isType: isNumber,
    range,
    inRange,
    schedulable: true,
  };
}

/** Finite and ≥ 0. */
export const nonNegative = (fallback: number): Hyper =>
  hyper(fallback, "a finite number ≥ 0", (x) => x >= 0 && x < Infinity);

/** Finite and ≤ 0. */
export const nonPositive = (fallback: number): Hyper =>
  hyper(fallback, "a finite number ≤ 0", (x) => x <= 0 && x > -Infinity);

/** In [0, 1), as a decay rate of a moving average must be. */
export const fraction = (fallback: number): Hyper => hyper(fallback, "in [0, 1)", (x) => x >= 0 && x < 1);

/** Finite and > 0. */
export const positive = (fallback: number): Hyper =>
  hyper(fallback, "a finite number > 0", (x) => x > 0 && x < Infinity);

/**
 * What keeps a divisor from 0. Below 2^-100, in f64 2^-600, it counts as that: beside the root of any square but 0 it is lost in rounding, and
 * 0 / 0 is 0.
 */
export const divisor = (kind: Hyper): Hyper => ({ ...kind, divides: true });

/** Strictly between two numbers. */
export const between = (low: number, high: number, fallback: number): Hyper =>
  hyper(fallback, `in (${low}, ${high})`, (x) => x > low && x < high);

/** > 0, Infinity meaning no limit. */
export const limit = (): Hyper => hyper(Infinity, "> 0", (x) => x > 0);

/** Any finite number. */
export const finite = (fallback: number): Hyper => hyper(fallback, "a finite number", Number.isFinite);

/** A number that is read once, at creation. */
export function fixed({ fallback, range, inRange }: Hyper): OptionType<number, false> {
  return { fallback, required: false, type: "a number", isType: isNumber, range, inRange, schedulable: false };
}

/** An option of all groups together. */
export const ungrouped = <K extends OptionType<unknown>>(kind: K): K & { readonly ungrouped: true } => ({
  ...kind,
  ungrouped: true,
});

/** The names of those options that a group can have its own of. */
export const ownKeys = (table: OptionTable): string[] => Object.keys(table).filter((key) => !table[key].ungrouped);

/** A number that has no default. */
export function required({ range, inRange }: Hyper): OptionType<number, true> {
  return {
    fallback: undefined,
    required: true,
    type: "a number",
    isType: isNumber,
    range,
    inRange,
    schedulable: false,
  };
}

/** A number whose absence means something of its own. */
export function optional({ range, inRange }: Hyper): OptionType<number | undefined, false> {
  return {
    fallback: undefined,
    required: false,
    type: "a number",
    isType: isNumber,
    range,
    inRange: (x) => x === undefined || inRange(x),
    schedulable: false,
  };
}

/** Finite and ≥ a number. */
export const atLeast = (least: number, fallback: number): Hyper =>
  hyper(fallback, `a finite number ≥ ${least}`, (x) => x >= least && x < Infinity);

/** In [0, 1]: a part of a whole. */
export const share = (fallback: number): Hyper => hyper(fallback, "in [0, 1]", (x) => x >= 0 && x <= 1);

/** A whole number > 0, or > `above`, and at most `most`. */
export function count(
  bounds: { readonly above?: number; readonly most?: number; readonly fallback?: number } = {},
): Hyper {
  const { above = 0, most = Infinity } = bounds;
  const range = most === Infinity ? `a whole number > ${above}` : `a whole number in [${above + 1}, ${most}]`;
  return hyper(bounds.fallback ?? above + 1, range, (x) => Number.isSafeInteger(x) && x > above && x <= most);
}

/** Any whole number. */
export const integer = (): Hyper => hyper(0, "a whole number", Number.isSafeInteger);

/** A whole number ≥ 0. */
export const whole = (fallback: number): Hyper =>
  hyper(fallback, "a whole number ≥ 0", (x) => Number.isSafeInteger(x) && x >= 0);

export function flag(fallback: boolean): OptionType<boolean, false> {
  return {
    fallback,
    required: false,
    type: "true or false",
    isType: (value) => typeof value === "boolean",
    range: "true or false",
    inRange: () => true,
    schedulable: false,
  };
}

/** One of a few words, the first of them the default. */
export function choice<const V extends readonly [string, ...string[]]>(...words: V): OptionType<V[number], false> {
  const range = words.map((word) => `"${word}"`).join(", ");
  return {
    fallback: words[0],
    required: false,
    type: `one of ${range}`,
    isType: (value) => typeof value === "string",
    range: `one of ${range}`,
    inRange: (word) => words.includes(word),
    words,
    schedulable: false,
  };
}

/** Whether a value is an array without holes, and each of its elements is such. */
export const listOf =
  (isElement: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    elementsOf(value)?.every(isElement) === true;

/** An ascending list of update indices; one that stands twice counts twice. */
export function milestones(): OptionType<readonly number[], true> {
  return {
    fallback: undefined,
    required: true,
    type: "an array of numbers",
    isType: listOf(isNumber),
    range: "whole numbers ≥ 0 in ascending order",
    inRange: (list) => list.every((k, i) => Number.isSafeInteger(k) && k >= (list[i - 1] ?? 0)),
    schedulable: false,
  };
}

/** A list of finite numbers. */
export function numbers(): OptionType<readonly number[], true> {
  return { ...milestones(), range: "finite numbers", inRange: (list) => list.every(Number.isFinite) };
}

/** What is wrong with two lists of which one must have one more than the other, if anything. */
export const oneMore =
  <A extends string, B extends string>(longer: A, shorter: B) =>
  (options: { readonly [K in A | B]: readonly unknown[] }): string | undefined =>
    options[longer].length === options[shorter].length + 1
      ? undefined
      : `${longer} must be one more than ${shorter}, got ${options[longer].length} and ${options[shorter].length}`;

/** Throws unless `value` is what the kind says. */
export function check<V>(owner: string, key: string, kind: OptionType<V>, value: unknown): void {
  if (kind.schedulable && isFunction(value)) return;
  if (!kind.isType(value)) throw new TypeError(`${owner}: ${key} must be ${kind.type}, got ${show(value)}`);
  if (!kind.inRange(value as V)) throw new RangeError(`${owner}: ${key} must be ${kind.range}, got ${show(value)}`);
}

/** What an object has itself: nobody's change to Object.prototype is an option. */
const own = (object: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/**
 * What a checked option is at update index `k`.
 *
 * @param name as messages have it: "adam: lr"
 * @throws TypeError or RangeError if a schedule gives what the option does not take
 */
export function valueAt(name: string, kind: Hyper, option: number | ScheduleFunction, k: number): number {
  if (typeof option === "number") return option;
  const value: unknown = option(k);
  if (typeof value !== "number") throw new TypeError(`${name} must be ${kind.type}, got ${show(value)} at step ${k}`);
  if (!kind.inRange(value)) throw new RangeError(`${name} must be ${kind.range}, got ${value} at step ${k}`);
  return value;
}

/**
 * What a checked option is for a step: a schedule may have nothing for it, as one taken up with fewer steps than have been made.
 *
 * @throws what valueAt does; RangeError that says how to go on if the schedule itself throws one
 */
export function valueForStep(name: string, kind: Hyper, option: number | ScheduleFunction, k: number): number {
  try {
    return valueAt(name, kind, option, k);
  } catch (error) {
    if (!(error instanceof RangeError) || error.message.startsWith(name)) throw error;
    const way = name.endsWith(": lr") ? "set lr to" : "make the optimizer anew with";
    throw new RangeError(
      `${name} has no value at step ${k}: ${error.message}; to go on, ${way} a number or a schedule that has one`,
      { cause: error },
    );
  }
}

/** What a checked option was at a step, to be read and not to be stepped with: NaN if it has no value there. */
export function valueToRead(name: string, kind: Hyper, option: number | ScheduleFunction, k: number): number {
  try {
    return valueAt(name, kind, option, k);
  } catch {
    return NaN;
  }
}

/**
 * Checks `given` against the table and fills in the defaults; keys that the table does not have are left out.
 * A key that is present and undefined counts as absent.
 *
 * @param prefix stands before a key in messages: "groups[0]."
 * @param defaults take the place of the table's
 */
export function resolve<T extends OptionTable>(
  owner: string,
  table: T,
  given: Readonly<Record<string, unknown>>,
  prefix = "",
  defaults: Readonly<Record<string, unknown>> = {},
): Resolved<T> {
  const resolved: Record<string, unknown> = Object.create(null);
  for (const [key, kind] of Object.entries(table)) {
    let value = own(given, key);
    if (value === undefined) value = own(defaults, key);
    if (value === undefined) value = kind.fallback;
    if (value === undefined && !kind.required) continue;
    check(owner, prefix + key, kind, value);
    resolved[key] = value;
  }
  return resolved as Resolved<T>;
}
