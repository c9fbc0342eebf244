import { fromBase64, toBase64 } from "./base64.ts";
import { show } from "./options.ts";
import { isReadable, typedArrayName } from "./realm.ts";
import type { Dtype, FloatArray } from "./types.ts";

// What save() gives is plain data, for structuredClone, postMessage and the like. JSON has neither typed arrays nor some of the numbers: a
// typed array of a save says itself what it is in JSON, and such a number is an object in the save already.

/** A typed array in JSON: its elements in little-endian bytes. */
export interface FloatsJSON {
  readonly dtype: Dtype;
  readonly base64: string;
}

/** A number in a save: as it is, or if JSON lacks it by its name. */
export type SavedNumber = number | { readonly number: string };

const lacking: ReadonlyMap<unknown, number> = new Map<string, number>([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
]);

/** A copy that JSON.stringify takes to the bit, wherever it then is. */
export function savedFloats<T extends FloatArray>(values: T): T {
  const copy = values.slice() as T;
  return Object.defineProperty(copy, "toJSON", { value: floatsToJSON });
}

function floatsToJSON(this: FloatArray): FloatsJSON {
  const { length, BYTES_PER_ELEMENT: size } = this;
  const bytes = new Uint8Array(length * size);
  const view = new DataView(bytes.buffer);
  if (size === 4) for (let i = 0; i < length; i++) view.setFloat32(i * size, this[i], true);
  else for (let i = 0; i < length; i++) view.setFloat64(i * size, this[i], true);
  return { dtype: size === 4 ? "f32" : "f64", base64: toBase64(bytes) };
}

function floatsFromJSON({ dtype, base64 }: FloatsJSON): FloatArray | undefined {
  const bytes = fromBase64(base64);
  const size = dtype === "f32" ? 4 : 8;
  if (bytes === undefined || bytes.length % size !== 0) return undefined;
  const view = new DataView(bytes.buffer);
  const length = bytes.length / size;
  if (size === 4) return Float32Array.from({ length }, (_, i) => view.getFloat32(i * size, true));
  return Float64Array.from({ length }, (_, i) => view.getFloat64(i * size, true));
}

/**
 * The typed array that was saved, from either form.
 *
 * @throws TypeError or RangeError if it is none of this dtype
 */
export function floatsOf(owner: string, what: string, dtype: Dtype, given: unknown): FloatArray {
  const expected = dtype === "f32" ? "Float32Array" : "Float64Array";
  if (isFloats(given, expected)) return given;
  if (!isFloatsJSON(given) || given.dtype !== dtype)
    throw new TypeError(`${owner}: the saved ${what} must be a ${expected}, got ${nameOf(given)}`);
  const floats = floatsFromJSON(given);
  if (floats) return floats;
  throw new RangeError(`${owner}: the saved ${what} must be the base64 of a ${expected}, got another text`);
}

/** Also of another realm, where they have other classes. */
const isFloats = (given: unknown, name: string): given is FloatArray => typedArrayName(given) === name;

const isFloatsJSON = (given: unknown): given is FloatsJSON =>
  isReadable(given) && (given.dtype === "f32" || given.dtype === "f64") && typeof given.base64 === "string";

function nameOf(given: unknown): string {
  if (isFloatsJSON(given)) return `the JSON of one in ${given.dtype}`;
  // What JSON.stringify makes of a typed array that does not know better.
  if (
    typeof given === "object" &&
    isReadable(given) &&
    "0" in given &&
    !Array.isArray(given) &&
    !ArrayBuffer.isView(given)
  )
    return "an object of numbers: only what save() itself gave can become JSON, not a copy of it: load the copy first and save again";
  return show(given);
}

export function savedNumber(x: number): SavedNumber {
  if (Object.is(x, -0)) return { number: "-0" };
  return Number.isFinite(x) ? x : { number: String(x) };
}

/** @throws TypeError if what was saved is no number */
export function numberOf(owner: string, what: string, given: unknown): number {
  const number = typeof given === "number" ? given : named(given);
  if (number !== undefined) return number;
  throw new TypeError(`${owner}: the saved ${what} must be a number, got ${show(given)}`);
}

/** All numbers within data, as they are saved. */
export const savedNumbers = (data: unknown): unknown =>
  typeof data === "number" ? savedNumber(data) : mapped(data, savedNumbers);

/** The number that JSON lacks, if this is one. */
export function named(data: unknown): number | undefined {
  if (typeof data !== "object" || !isReadable(data)) return undefined;
  const entries = Object.entries(data);
  return entries.length === 1 && entries[0][0] === "number" ? lacking.get(entries[0][1]) : undefined;
}

function mapped(data: unknown, change: (item: unknown) => unknown): unknown {
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) return data.map((item) => change(item));
  return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, change(item)]));
}
