import { show } from "../common/options.ts";
import { elementsOf, isDetached, isPlainObject, lengthOf, propertyOf, typedArrayName } from "../common/realm.ts";
import type { FloatArray } from "../common/types.ts";
import { isDrawn, type Line, type Mark } from "./figure.ts";

/** Points that are joined in their order. */
export interface Curve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Curves by name. */
export type Curves = Readonly<Record<string, Curve>>;

/** Which axes are logarithmic. */
interface Scales {
  readonly logX: boolean;
  readonly logY: boolean;
}

/** Beyond these the arithmetic of axes overflows. */
const HUGE = 1e300;
const TINY = 1e-300;

/** Curves by name, as lines. */
export function linesOf(owner: string, curves: Curves, scales: Scales): readonly Line[] {
  if (!isPlainObject(curves)) throw new TypeError(`${owner}: curves must be an object, got ${show(curves)}`);
  const entries = Object.entries(curves);
  if (entries.length === 0) throw new RangeError(`${owner}: curves must be at least one, got none`);
  return entries.map(([name, curve]) => {
    const x = numbers(owner, `${name}.x`, propertyOf(curve, "x"));
    const y = numbers(owner, `${name}.y`, propertyOf(curve, "y"));
    if (x.length === y.length) return lineOf(owner, name, x, y, scales);
    throw new RangeError(`${owner}: ${name}.y must be as long as ${name}.x, ${x.length}, got ${y.length}`);
  });
}

/** A line with a gap wherever there is nothing to draw. */
export function lineOf(owner: string, name: string, x: readonly number[], y: readonly number[], scales: Scales): Line {
  const points = x.map((_, i) => ({ x: drawable(x[i], scales.logX), y: drawable(y[i], scales.logY) }));
  if (points.some(isDrawn)) return { name, points };
  const log = scales.logX || scales.logY ? " and, on a logarithmic axis, > 0" : "";
  throw new RangeError(`${owner}: ${name} must have a point that is finite${log}, got none in ${points.length}`);
}

/** The marks that are there, from left to right. */
export const marksOf = (marks: Readonly<Record<string, number | undefined>>, { logX }: Scales): readonly Mark[] =>
  Object.entries(marks)
    .map(([name, x = NaN]) => ({ name, x: drawable(x, logX) }))
    .filter(({ x }) => !Number.isNaN(x))
    .sort((a, b) => a.x - b.x);

/** NaN for what no axis has a place for. */
function drawable(x: number, log: boolean): number {
  const size = Math.abs(x);
  if (!(size < HUGE) || (log && x < TINY)) return NaN;
  return size < TINY ? 0 : x;
}

function numbers(owner: string, key: string, value: unknown): number[] {
  const list = typedArrayName(value) === undefined ? elementsOf(value) : elementsOfTyped(value as FloatArray);
  if (list?.every((x): x is number => typeof x === "number")) return list;
  throw new TypeError(`${owner}: ${key} must be an array of numbers, got ${show(value)}`);
}

/** Undefined of one that is detached. */
const elementsOfTyped = (array: FloatArray): unknown[] | undefined =>
  isDetached(array) ? undefined : Array.from({ length: lengthOf(array) }, (_, i) => array[i]);
