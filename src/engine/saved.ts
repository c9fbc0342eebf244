import { show } from "../common/options.ts";
import { isArray, isReadable } from "../common/realm.ts";
import { floatsOf, numberOf, type SavedNumber } from "../common/saved-json.ts";
import { showName, showNames } from "../common/show.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import type { SavedLr } from "./saved-lr.ts";

/**
 * What a run needs to go on as if it had never stopped, but its options: plain data that structuredClone, postMessage and JSON take, to
 * the bit.
 */
export interface Saved {
  readonly optimizer: string;
  readonly dtype: Dtype;
  readonly stepCount: number;
  readonly skipped: number;
  /** Whether `params` were the weights to evaluate with. */
  readonly evaluating: boolean;
  /** What `lr` was set to. */
  readonly lr: SavedLr;
  readonly tensors: Readonly<Record<string, SavedTensor>>;
}

/** One parameter, its state under the names of `state()`, and the numbers that it carries from step to step. */
export interface SavedTensor {
  readonly param: FloatArray;
  /** Updates made to it: fewer than `stepCount` where it was frozen at times, and then there may be no state. */
  readonly step: number;
  readonly state: Readonly<Record<string, FloatArray>>;
  readonly carry: Readonly<Record<string, SavedNumber>>;
  /** The lr that weight decay is relative to, where `decay` is "schedule". */
  readonly firstLr?: number;
}

/** The same, checked by itself, from either form. */
export interface Loaded {
  readonly dtype: Dtype;
  readonly stepCount: number;
  readonly skipped: number;
  readonly evaluating: boolean;
  /** As it was given: only who has an lr can tell what it may be. */
  readonly lr: unknown;
  readonly tensors: ReadonlyMap<string, LoadedTensor>;
}

export interface LoadedTensor {
  readonly param: FloatArray;
  readonly step: number;
  readonly state: Readonly<Record<string, FloatArray>>;
  readonly carry: Readonly<Record<string, number>>;
  readonly firstLr: number | undefined;
}

type Given = Readonly<Record<string, unknown>>;

/** Reads what an optimizer of this name saved. Nothing of it is read again. */
export function loadedOf(owner: string, origin: Origin, saved: unknown): Loaded {
  const given = objectOf(owner, saved);
  const head = headOf(owner, origin, given);
  const { evaluating, lr } = given;
  if (typeof evaluating !== "boolean")
    throw new TypeError(`${owner}: the saved evaluating must be true or false, got ${show(evaluating)}`);
  const tensors = Object.entries(partOf(owner, "parameters", given.tensors)).map(
    ([name, tensor]) => [name, tensorOf(owner, name, tensor, head)] as const,
  );
  return { ...head, evaluating, lr, tensors: new Map(tensors) };
}

function tensorOf(owner: string, name: string, tensor: unknown, { dtype, stepCount }: Head): LoadedTensor {
  const label = showName(name);
  const { param, step, state, carry, firstLr } = partOf(owner, label, tensor);
  const slots = Object.entries(partOf(owner, `state of ${label}`, state));
  const carried = Object.entries(partOf(owner, `carry of ${label}`, carry));
  const steps = countOf(owner, `step of ${label}`, step);
  if (steps > stepCount)
    throw new RangeError(`${owner}: the saved step of ${label} must be at most stepCount, ${stepCount}, got ${steps}`);
  return {
    param: floatsOf(owner, label, dtype, param),
    step: steps,
    state: Object.fromEntries(
      slots.map(([slot, x]) => [slot, floatsOf(owner, `${showName(slot)} of ${label}`, dtype, x)]),
    ),
    carry: Object.fromEntries(carried.map(([key, x]) => [key, numberOf(owner, `${showName(key)} of ${label}`, x)])),
    firstLr: firstLr === undefined ? undefined : firstLrOf(owner, `firstLr of ${label}`, firstLr),
  };
}

/** @throws TypeError or RangeError unless it is an lr that others can be relative to */
export function firstLrOf(owner: string, what: string, given: unknown): number {
  const lr = numberOf(owner, what, given);
  if (lr > 0 && lr < Infinity) return lr;
  throw new RangeError(`${owner}: the saved ${what} must be a finite number > 0, got ${lr}`);
}

export interface Head {
  readonly dtype: Dtype;
  readonly stepCount: number;
  readonly skipped: number;
}

/** What optimizers of every kind save first. */
export function headOf(owner: string, origin: Origin, given: Given): Head {
  const dtype = dtypeFrom(owner, origin, given, given.optimizer);
  const stepCount = countOf(owner, "stepCount", given.stepCount);
  return { dtype, stepCount, skipped: countOf(owner, "skipped", given.skipped) };
}

/** @throws TypeError unless it is an object, as what is saved is */
export function objectOf(owner: string, saved: unknown): Given {
  if (typeof saved === "object" && isReadable(saved)) return saved;
  throw new TypeError(`${owner}: what is loaded must be what save() gave, got ${show(saved)}`);
}

/** What it is loaded into, and whether that must be of its dtype. */
export interface Origin {
  readonly dtype: Dtype;
  readonly strict: boolean;
}

/**
 * The dtype in which something of this name was saved.
 *
 * @param name what it says that it is
 */
export function dtypeFrom(owner: string, origin: Origin, { dtype }: Given, name: unknown): Dtype {
  const other = dtype === "f32" || dtype === "f64" ? dtype : undefined;
  const accepted = origin.strict && other !== origin.dtype ? undefined : other;
  if (name === owner && accepted) return accepted;
  throw new TypeError(
    `${owner}: what is loaded must be of ${owner} in ${origin.dtype}, got ${text(name)} in ${text(dtype)}`,
  );
}

const text = (given: unknown): string => (typeof given === "string" ? showName(given) : show(given));

/** @throws TypeError unless this part of what was saved is an object */
export function partOf(owner: string, what: string, given: unknown): Given {
  if (typeof given === "object" && isReadable(given) && !isArray(given)) return given;
  throw new TypeError(`${owner}: the saved ${what} must be an object, got ${show(given)}`);
}

/** Above this, one more is the same number. */
const MOST = 2 ** 53;

/** @throws RangeError unless it is a count */
export function countOf(owner: string, what: string, given: unknown): number {
  const count = typeof given === "number" && Number.isInteger(given) ? given : -1;
  if (count >= 0 && count <= MOST) return count;
  const range = count > MOST ? "at most 2 ** 53" : "a whole number ≥ 0";
  throw new RangeError(`${owner}: the saved ${what} must be ${range}, got ${show(given)}`);
}

/** That something was saved under other names. */
export function otherNames(owner: string, what: string, expected: readonly string[], got: readonly string[]): Error {
  const list = (names: readonly string[]) => showNames([...names].sort()) || "none";
  return new TypeError(`${owner}: the saved ${what} must be ${list(expected)}, got ${list(got)}`);
}

/** What is wrong with the keys of what was saved, if they are not these. */
export function otherKeys(owner: string, what: string, given: object, keys: readonly string[]): Error | undefined {
  const [expected, got] = [keys, Object.keys(given)].map((names) => [...names].sort());
  if (expected.length === got.length && expected.every((key, i) => key === got[i])) return undefined;
  return otherNames(owner, what, expected, got);
}

/** What is wrong with the length of what was saved, if it is not this. */
export const otherLength = (
  owner: string,
  what: string,
  { length }: FloatArray,
  like: FloatArray,
): Error | undefined =>
  length === like.length
    ? undefined
    : new RangeError(`${owner}: the saved ${what} must have ${like.length} elements, got ${length}`);

export function throwIf(error: Error | undefined): void {
  if (error) throw error;
}
