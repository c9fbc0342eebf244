/** The optimizers and schedules against PyTorch; test/fixtures/make_torch.py says how the numbers were made. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type BackendName,
  type Dtype,
  type Optimizer,
  type ScheduleJSON,
  sample,
  scheduleFromJSON,
} from "../src/index.ts";
import * as optimizers from "../src/optimizers/index.ts";

type Row = readonly number[];
/** One row a recorded step: the parameter's under "param", its state's under torch's names. */
type Recording = Readonly<Record<string, readonly Row[]>>;
type ByParam<T> = { readonly [param: string]: T };
type Options = { readonly [option: string]: unknown; readonly groups?: readonly Options[] };

interface Fixtures {
  readonly torch: string;
  /** The steps that are recorded, from 1. */
  readonly recorded: readonly number[];
  readonly initial: ByParam<Row>;
  /** One a step. */
  readonly gradients: readonly ByParam<Row>[];
  readonly cases: readonly ({ readonly optimizer: string; readonly options: Options } & Readonly<
    Record<Dtype, ByParam<Recording>>
  >)[];
  readonly schedules: readonly { readonly json: ScheduleJSON; readonly torch: string; readonly values: Row }[];
}

const file = new URL("./fixtures/torch.json", import.meta.url);
const { torch, recorded, initial, gradients, cases, schedules } = JSON.parse(readFileSync(file, "utf8")) as Fixtures;
type Floats = Record<string, Float32Array | Float64Array>;
const makers = optimizers as unknown as Readonly<
  Record<string, (params: Floats, options: object) => Optimizer<Floats>>
>;

/**
 * Four times the largest error measured: f32 4.0e-7 = 3.3 · 2^-23 (torch fuses multiplications and additions), f64
 * 9.2e-15 = 41 · 2^-52. The latter is `power`'s: its beta2^t is off by up to t · 2^-53, which 1 - beta2^t magnifies.
 * With libm's pow it was 2.7e-15.
 */
const TOLERANCE: Readonly<Record<Dtype, number>> = { f32: 1.6e-6, f64: 3.7e-14 };
/**
 * Four times the largest measured, 2.4e-14: torch's `1 + k / total - cycle` loses digits at the foot of its triangle.
 */
const SCHEDULE_TOLERANCE = 1e-13;

/** Options with schedules in place of their JSON. */
function revive({ groups, ...options }: Options): object {
  const alive = (value: unknown) => (typeof value === "object" ? scheduleFromJSON(value as ScheduleJSON) : value);
  const own = Object.entries(options).map(([key, value]) => [key, alive(value)]);
  return { ...Object.fromEntries(own), ...(groups && { groups: groups.map(revive) }) };
}

/** Runs an optimizer over the gradients and records what the fixture does. */
function run(name: string, options: Options, dtype: Dtype, backend: BackendName): ByParam<Record<string, Row[]>> {
  const floats = (x: Row) => (dtype === "f32" ? Float32Array.from(x) : Float64Array.from(x));
  const params = Object.fromEntries(Object.entries(initial).map(([key, x]) => [key, floats(x)]));
  const optimizer = makers[name](params, { ...revive(options), backend });
  const record: ByParam<Record<string, Row[]>> = Object.fromEntries(Object.keys(params).map((key) => [key, {}]));
  gradients.forEach((gradient, i) => {
    optimizer.step(gradient);
    if (!recorded.includes(i + 1)) return;
    for (const [key, rows] of Object.entries(record)) {
      const now = { param: optimizer.params[key], ...optimizer.state(key) };
      for (const [slot, x] of Object.entries(now)) rows[slot] = [...(rows[slot] ?? []), [...x]];
    }
  });
  return record;
}

const relative = (error: number, scale: number): number => (error === 0 ? 0 : error / scale);

/**
 * The largest error, relative to the largest magnitude that the element has had: the rounding errors of a sum stay as
 * large as its terms were, also where the sum itself comes near 0.
 */
function largestError(actual: readonly Row[], expected: readonly Row[], start: Row, dtype: Dtype): number {
  const round = dtype === "f32" ? Math.fround : Number;
  const scale = start.map(Math.abs);
  let largest = 0;
  expected.forEach((row, t) => {
    row.forEach((value, i) => {
      scale[i] = Math.max(scale[i], Math.abs(value));
      largest = Math.max(largest, relative(Math.abs(actual[t][i] - round(value)), scale[i]));
    });
  });
  return largest;
}

describe.each(["wasm", "plain"] as const)(`PyTorch ${torch} and %s`, (backend) => {
  describe.each(["f32", "f64"] as const)("%s", (dtype) => {
    const titled = cases.map((row) => [`${row.optimizer} ${JSON.stringify(row.options)}`, row] as const);

    test.each(titled)("%s", (_, { optimizer, options, [dtype]: expected }) => {
      const actual = run(optimizer, options, dtype, backend);
      for (const [key, recording] of Object.entries(expected)) {
        expect(Object.keys(actual[key]).sort()).toEqual(Object.keys(recording).sort());
        for (const [slot, rows] of Object.entries(recording)) {
          const start = slot === "param" ? initial[key] : initial[key].map(() => 0);
          const error = largestError(actual[key][slot], rows, start, dtype);
          expect(error, slot).toBeLessThan(TOLERANCE[dtype]);
        }
      }
    });
  });

  test.each(schedules)("$torch $json", ({ json, values }) => {
    const actual = sample(scheduleFromJSON(json), { count: values.length, backend });
    const errors = values.map((value, k) => relative(Math.abs(actual[k] - value), Math.abs(value)));
    expect(Math.max(...errors)).toBeLessThan(SCHEDULE_TOLERANCE);
  });
});
