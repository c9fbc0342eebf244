import { type OptionType, show } from "../../common/options.ts";
import { isFunction } from "../../common/realm.ts";

type UserFunction = (...args: number[]) => number;

const functions = new Map<string, UserFunction>();
const names = new Map<UserFunction, string>();

/**
 * Gives a function of yours a name, so that a schedule with it inside can become JSON and come back. Call it with the same name wherever
 * the JSON is read.
 *
 * @returns the function
 * @throws TypeError for a name that is no text or a function that is none; RangeError for a name or a function that has another already
 */
export function registerFunction<F extends UserFunction>(name: string, fn: F): F {
  if (typeof name !== "string") throw new TypeError(`registerFunction: name must be a string, got ${show(name)}`);
  if (!isFunction(fn)) throw new TypeError(`registerFunction: fn must be a function, got ${show(fn)}`);
  if ((functions.get(name) ?? fn) !== fn)
    throw new RangeError(`registerFunction: ${show(name)} is the name of another function`);
  if ((names.get(fn) ?? name) !== name)
    throw new RangeError(`registerFunction: the function has a name, ${show(names.get(fn))}, got ${show(name)}`);
  functions.set(name, fn);
  names.set(fn, name);
  return fn;
}

const kind = {
  fallback: undefined,
  type: "a function",
  isType: isFunction,
  range: "a function",
  inRange: () => true,
  schedulable: false,
} as const;

function nameOf(fn: UserFunction): string {
  const name = names.get(fn);
  if (name === undefined) throw new TypeError("toJSON: a function must have been given to registerFunction");
  return name;
}

function named(name: unknown): UserFunction {
  const fn = functions.get(name as string);
  if (fn) return fn;
  throw new TypeError(`scheduleFromJSON: a function must be one that registerFunction knows, got ${show(name)}`);
}

/** A function of the user's. */
export const userFunction = <F extends UserFunction>(): OptionType<F, true> => ({
  ...kind,
  required: true,
  json: { to: nameOf, from: named },
});

/** The same, where there need not be one. */
export const optionalFunction = <F extends UserFunction>(): OptionType<F | undefined, false> => ({
  ...kind,
  required: false,
  json: { to: (fn) => fn && nameOf(fn), from: named },
});

/** What the function of the user's returned for `k`, if it is a number. */
export function checked(owner: string, value: number, k: number): number {
  if (typeof value === "number") return value;
  throw new TypeError(`${owner}: the function must return a number, got ${show(value)} at k = ${k}`);
}
