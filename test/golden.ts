/**
 * Numbers that other projects print in their own tests and documents, from the same starts and gradients: what the
 * golden-*.test.ts share. Each names its sources and what it leaves out. A number is held to its last printed digit
 * unless that is wrong: then to what its source allows.
 */
import { expect } from "vitest";
import { type BackendName, type Schedule, sample } from "../src/index.ts";
import { makers } from "./makers.ts";

export type Options = Readonly<Record<string, unknown>>;
export type Row = readonly number[];

export const backends = ["wasm", "plain"] as const satisfies readonly BackendName[];

/** Parameters after each of the steps. */
export function trajectory(
  name: string,
  options: Options,
  start: Row,
  steps: number,
  gradient: (x: Row, t: number) => Row,
): number[][] {
  const optimizer = makers[name]({ x: Float64Array.from(start) }, options);
  return Array.from({ length: steps }, (_, i) => {
    optimizer.step({ x: gradient([...optimizer.params.x], i + 1) });
    return [...optimizer.params.x];
  });
}

export const repeated = (count: number, value: number): Row => Array.from({ length: count }, () => value);

/** Of schedules' values; the largest relative error measured is 6.7e-16. */
export const ROUNDING = 1e-15;

/** Expects a schedule's first values. */
export function expectFirst(schedule: Schedule, values: Row, backend: BackendName): void {
  const actual = sample(schedule, { count: values.length, backend });
  values.forEach((value, k) => {
    expect(Math.abs(actual[k] - value), `index ${k}`).toBeLessThanOrEqual(ROUNDING * value);
  });
}

/** Of Σx². */
export const doubled = (x: Row): Row => x.map((x) => 2 * x);

/** Expects numbers to be the same to `digits` after the point. */
export function expectDigits(actual: ArrayLike<number>, expected: Row, digits: number): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i], `number ${i}`).toBeCloseTo(value, digits);
  });
}

/** Expects numbers to be as near as their source's own test asks: `absolute` + `relative` · |value|, as numpy's allclose. */
export function expectNear(actual: ArrayLike<number>, expected: Row, absolute: number, relative = 0): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i] - value), `number ${i}`).toBeLessThanOrEqual(absolute + relative * Math.abs(value));
  });
}
