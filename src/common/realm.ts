import type { FloatArray } from "./types.ts";

// What a value is, of whichever realm it comes: an iframe, a vm context and jest have classes of their own, which instanceof does not know.
// Nothing here calls code of the caller's but the traps of a proxy.

type Getter = (this: unknown) => unknown;

/** What a property's getter is called with tells what it is, whatever else stands in its way. */
function getterOf(prototype: object, key: PropertyKey): Getter {
  const get = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  if (get === undefined) throw new Error(`there is no getter ${String(key)}`);
  return get;
}

const typedArrayTag = getterOf(Object.getPrototypeOf(Float64Array.prototype), Symbol.toStringTag);
const sourceOf = getterOf(RegExp.prototype, "source");

/** "Float32Array" of a Float32Array; undefined of what is no typed array. */
export const typedArrayName = (value: unknown): unknown => typedArrayTag.call(value);

export const isFloats = (value: unknown): value is FloatArray =>
  typedArrayName(value) === "Float32Array" || typedArrayName(value) === "Float64Array";

/** Whether it has a typed array's properties and is none: a proxy of one, or what inherits from one. */
export const isLikeTypedArray = (value: object): boolean =>
  "BYTES_PER_ELEMENT" in value && typedArrayName(value) === undefined;

export function isRegExp(value: unknown): value is RegExp {
  if (typeof value !== "object" || value === null) return false;
  try {
    sourceOf.call(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether it has properties to ask for: not of a proxy that is revoked, which answers nothing. */
export function isReadable(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  try {
    // Of a proxy it looks at the target without a trap.
    Array.isArray(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether it can be called: a class is not told apart, a revoked proxy is. */
export const isFunction = (value: unknown): value is (...args: unknown[]) => unknown =>
  typeof value === "function" && isReadable(value);

export const isArray = (value: unknown): value is readonly unknown[] => isReadable(value) && Array.isArray(value);

/** Whether it is a literal's like, which inherits from no more than an Object.prototype: no Map, no Date, no instance of a class. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || !isReadable(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What `value[key]` is, undefined where that could only fail. */
export const propertyOf = (value: unknown, key: PropertyKey): unknown => (isReadable(value) ? value[key] : undefined);

/**
 * The elements, each read once; undefined if it is no array or has holes, as no list may. It stops at the first: an array can be 2³² − 1
 * long and empty.
 */
export function elementsOf(value: unknown): unknown[] | undefined {
  if (!isArray(value)) return undefined;
  const elements: unknown[] = [];
  const { length } = value;
  for (let i = 0; i < length; i++) {
    if (!Object.hasOwn(value, i)) return undefined;
    elements.push(value[i]);
  }
  return elements;
}

const typedArray = Object.getPrototypeOf(Float64Array.prototype);

/**
 * How many elements a typed array has now, whatever it says of itself. Optimised code of V8 11, Node 20's, that has seen resizable buffers
 * goes on giving `x.length` as it was before x was detached.
 */
export const lengthOf = (x: ArrayBufferView): number => Reflect.get(typedArray, "length", x);

/** Whether a typed array's buffer is gone: transferred to another thread, or grown away from under it. */
export function isDetached({ buffer, byteLength }: ArrayBufferView): boolean {
  if (byteLength > 0 && buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
