import { check, choice, show } from "../common/options.ts";
import { elementsOf, isDetached, isFloats, isPlainObject, typedArrayName } from "../common/realm.ts";
import { showName } from "../common/show.ts";
import type { Dtype, FloatArray, Shape } from "../common/types.ts";

/** A shape, for zeros, or a typed array, whose values are copied in. */
export type Param = Shape | Float32Array | Float64Array;

export type Params = { readonly [name: string]: Param } | readonly Param[];

/** The parameters' keys; of `Params` in general any, so that every optimizer is an `Optimizer`. */
export type Key<P extends Params> = P extends unknown ? keyof P : never;

/** f64 if a Float64Array is among the parameters, else f32. */
export type DtypeOf<P extends Params> = Extract<P[keyof P], Float64Array> extends never ? "f32" : "f64";

/** A view of a dtype. */
export type View<D extends Dtype> = D extends "f64" ? Float64Array : Float32Array;

/** One view a parameter, under the same keys. What is assigned to one of a record is copied into it; those of an array stay what they are. */
export type Views<P extends Params, D extends Dtype> = P extends readonly Param[]
  ? { readonly [K in keyof P]: View<D> }
  : { -readonly [K in keyof P]: View<D> };

export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  readonly length: number;
  /** The values to start with, and where `inPlace` copies results back to. */
  readonly source: FloatArray | undefined;
}

/**
 * The parameters as they were given, each read once.
 *
 * @param shapes of those given as typed arrays, which are vectors without
 */
export function tensors(owner: string, params: Params, shapes: unknown = []): Tensor[] {
  const given = entriesOf(params);
  if (given === undefined)
    throw new TypeError(
      `${owner}: parameters must be a record or an array of shapes or typed arrays, got ${show(params)}`,
    );
  const symbol = Object.getOwnPropertySymbols(params).at(0);
  if (symbol) throw new TypeError(`${owner}: a parameter's name must be a string, got ${show(symbol)}`);
  const byShape = entriesOf(shapes);
  if (byShape === undefined) throw new TypeError(`${owner}: shapes must be a record or an array, got ${show(shapes)}`);
  const byName = new Map(byShape);
  const list = given.map(([name, param]) => tensor(owner, name, param, byName.get(name)));
  const sources = new Set(list.flatMap(({ name, source }) => (source ? name : [])));
  for (const [name, shape] of byName)
    if (shape !== undefined && !sources.has(name))
      throw new TypeError(
        `${owner}: shapes.${showName(name)} must belong to a parameter given as a typed array, and none is`,
      );
  if (list.length === 0) throw new RangeError(`${owner}: there must be at least one parameter, got none`);
  return list;
}
/** Names and what stands under them, each read once; undefined of what is neither a record nor an array without holes. */
function entriesOf(value: unknown): (readonly [string, unknown])[] | undefined {
  if (isPlainObject(value)) return Object.entries(value);
  return elementsOf(value)?.map((element, i) => [String(i), element]);
}

function tensor(owner: string, name: string, param: unknown, given: unknown): Tensor {
  const label = showName(name);
  if (isFloats(param)) {
    if (isDetached(param)) throw new TypeError(`${owner}: parameter ${label} must have its memory, got ${show(param)}`);
    const { length } = param;
    const shape = given === undefined ? [length] : checkShape(owner, `shapes.${label}`, "a shape", given);
    if (sizeOf(shape) !== length)
      throw new RangeError(`${owner}: shapes.${label} must have ${length} elements, got ${show(shape)}`);
    return { name, shape, length, source: param };
  }
  const shape = checkShape(owner, `parameter ${label}`, "a shape, a Float32Array or a Float64Array", param);
  return { name, shape, length: sizeOf(shape), source: undefined };
}

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;

function checkShape(owner: string, what: string, kinds: string, given: unknown): Shape {
  const shape = elementsOf(given);
  if (!shape?.every((size): size is number => typeof size === "number"))
    throw new TypeError(`${owner}: ${what} must be ${kinds}, got ${show(given)}`);
  if (!shape.every(isSize))
    throw new RangeError(
      `${owner}: ${what} must have sizes that are whole numbers ≥ 0, got ${show(shape)}; initial values come as a Float32Array`,
    );
  if (!isSize(sizeOf(shape)))
    throw new RangeError(`${owner}: ${what} must have fewer than 2 ** 53 elements, got ${show(shape)}`);
  return shape;
}

/** The dtype asked for, or that of the typed arrays. */
export function dtypeOf(owner: string, list: readonly Tensor[], asked: unknown): Dtype {
  if (asked !== undefined) check(owner, "dtype", choice("f32", "f64"), asked);
  const sources = list.filter(({ source }) => source !== undefined);
  const dtype =
    (asked as Dtype | undefined) ??
    (sources.some(({ source }) => typedArrayName(source) === "Float64Array") ? "f64" : "f32");
  const other = dtype === "f64" ? "Float32Array" : "Float64Array";
  const odd = sources.find(({ source }) => typedArrayName(source) === other);
  if (odd)
    throw new TypeError(
      `${owner}: parameter ${showName(odd.name)} must be ${dtype} like the others, got ${show(odd.source)}`,
    );
  return dtype;
}

/** Takes what is assigned to a view. */
type Assign = (name: string, view: FloatArray, given: unknown) => void;

/**
 * The views under the keys the parameters were given with, none of which can be replaced: what is assigned to one goes to `assign`. In an
 * array, where accessors would make reading slow, an assignment throws.
 */
export function viewsOf<P extends Params, D extends Dtype>(
  isList: boolean,
  views: readonly (readonly [string, FloatArray])[],
  assign: Assign,
): Views<P, D> {
  return (isList ? Object.freeze(views.map(([, view]) => view)) : assignable(views, assign)) as Views<P, D>;
}

/** A record of views. */
export function assignable(
  views: readonly (readonly [string, FloatArray])[],
  assign: Assign,
): Readonly<Record<string, FloatArray>> {
  const entries = views.map(([name, view]) => [
    name,
    { enumerable: true, get: () => view, set: (given: unknown) => assign(name, view, given) },
  ]);
  return Object.preventExtensions(inFastMode(Object.defineProperties({}, Object.fromEntries(entries))));
}

/** V8 has objects with accessors of their own as dictionaries, ten times as slow to read, but not if they are a constructor's prototype. */
function inFastMode<R extends object>(record: R): R {
  function Heir() {}
  Heir.prototype = record;
  Reflect.construct(Heir, []);
  return record;
}
