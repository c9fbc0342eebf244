import type { Dtype, FloatArray } from "./backend.ts";
import { check, choice, show } from "./options.ts";

/** Sizes of the dimensions, outermost first; `[]` is one number. */
export type Shape = readonly number[];

/** The last two dimensions of a tensor, and how many such matrices it is a stack of. */
export interface Matrix {
  readonly stack: number;
  readonly rows: number;
  readonly columns: number;
}

/** Of a shape of two dimensions or more. */
export function matrixOf(shape: Shape): Matrix {
  const [rows, columns] = shape.slice(-2);
  return { stack: shape.slice(0, -2).reduce((a, b) => a * b, 1), rows, columns };
}

/** A shape, for zeros, or a typed array, whose values are copied in. */
export type Param = Shape | Float32Array | Float64Array;

export type Params = { readonly [name: string]: Param } | readonly Param[];

/** The parameters' keys; of `Params` in general any, so that every optimizer is an `Optimizer`. */
export type Key<P extends Params> = P extends unknown ? keyof P : never;

/** f64 if a Float64Array is among the parameters, else f32. */
export type DtypeOf<P extends Params> = Extract<P[keyof P], Float64Array> extends never ? "f32" : "f64";

/** A view of a dtype. */
export type View<D extends Dtype> = D extends "f64" ? Float64Array : Float32Array;

/** One view a parameter, under the same keys. */
export type Views<P extends Params, D extends Dtype> = { readonly [K in keyof P]: View<D> };

export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  readonly length: number;
  /** The values to start with, and where `inPlace` copies results back to. */
  readonly source: FloatArray | undefined;
}

/**
 * The parameters as they were given.
 *
 * @param shapes of those given as typed arrays, which are vectors without
 */
export function tensors(owner: string, params: Params, shapes: unknown = {}): Tensor[] {
  if (typeof params !== "object" || params === null || ArrayBuffer.isView(params))
    throw new TypeError(
      `${owner}: parameters must be a record or an array of shapes or typed arrays, got ${show(params)}`,
    );
  if (typeof shapes !== "object" || shapes === null)
    throw new TypeError(`${owner}: shapes must be a record or an array, got ${show(shapes)}`);
  const byName = new Map<string, unknown>(Object.entries(shapes));
  const list = Object.entries(params).map(([name, param]) => tensor(owner, name, param, byName.get(name)));
  const arrays = new Set(list.filter(({ source }) => source).map(({ name }) => name));
  for (const name of byName.keys())
    if (!arrays.has(name))
      throw new TypeError(`${owner}: shapes.${name} must belong to a parameter given as a typed array, and none is`);
  if (list.length === 0) throw new RangeError(`${owner}: there must be at least one parameter, got none`);
  return list;
}

function tensor(owner: string, name: string, param: Param, given: unknown): Tensor {
  if (param instanceof Float32Array || param instanceof Float64Array) {
    const { length } = param;
    const shape = given === undefined ? [length] : checkShape(owner, `shapes.${name}`, given);
    if (sizeOf(shape) !== length)
      throw new RangeError(`${owner}: shapes.${name} must have ${length} elements, got ${show(shape)}`);
    return { name, shape, length, source: param };
  }
  const shape = checkShape(owner, `parameter ${name}`, param);
  return { name, shape, length: sizeOf(shape), source: undefined };
}

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

function checkShape(owner: string, what: string, shape: unknown): Shape {
  if (!Array.isArray(shape) || !shape.every((size) => typeof size === "number")) {
    const kinds = what.startsWith("shapes") ? "a shape" : "a shape, a Float32Array or a Float64Array";
    throw new TypeError(`${owner}: ${what} must be ${kinds}, got ${show(shape)}`);
  }
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new RangeError(`${owner}: ${what} must have sizes that are whole numbers ≥ 0, got ${show(shape)}`);
  return shape;
}

/** The dtype asked for, or that of the typed arrays. */
export function dtypeOf(owner: string, list: readonly Tensor[], asked: unknown): Dtype {
  if (asked !== undefined) check(owner, "dtype", choice("f32", "f64"), asked);
  const sources = list.filter(({ source }) => source !== undefined);
  const dtype =
    (asked as Dtype | undefined) ?? (sources.some(({ source }) => source instanceof Float64Array) ? "f64" : "f32");
  const Other = dtype === "f64" ? Float32Array : Float64Array;
  const odd = sources.find(({ source }) => source instanceof Other);
  if (odd)
    throw new TypeError(`${owner}: parameter ${odd.name} must be ${dtype} like the others, got ${show(odd.source)}`);
  return dtype;
}

/** Throws unless all were given as typed arrays, as `inPlace` needs them. */
export function checkSources(owner: string, list: readonly Tensor[]): void {
  const bare = list.find(({ source }) => source === undefined);
  if (bare) throw new TypeError(`${owner}: inPlace needs typed arrays, got a shape for parameter ${bare.name}`);
}

/** The views under the keys the parameters were given with: an array for an array. */
export function viewsOf<P extends Params, D extends Dtype>(
  params: P,
  list: readonly Tensor[],
  view: (name: string) => FloatArray | undefined,
): Views<P, D> {
  const entries = list.map(({ name }) => [name, view(name)] as const);
  return (Array.isArray(params) ? entries.map(([, x]) => x) : Object.fromEntries(entries)) as Views<P, D>;
}
