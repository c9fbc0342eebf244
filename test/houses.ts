/** What test/fixtures/make_houses.py ran and how far the presets are from it: for test/houses.test.ts and scripts/houses.ts. */
import { readFileSync } from "node:fs";
import { type BackendName, type Feedback, registerFunction, type Schedule, sample } from "../src/index.ts";
import * as hf from "../src/presets/hf/schedules.ts";
import * as keras from "../src/presets/keras/schedules.ts";
import * as optax from "../src/presets/optax/schedules.ts";
import * as torch from "../src/presets/torch/schedules.ts";
import { isSchedule, type ScheduleJSON } from "../src/schedules/core/schedule.ts";

/** A preset and what it is called with; an argument may be one itself. */
interface Call {
  readonly preset: string;
  readonly arguments: readonly unknown[];
}

export interface Case extends Call {
  /** What it is told, if it goes by that. */
  readonly metrics?: readonly number[];
  /** At the indices from 0 on, or after each metric. */
  readonly values: readonly number[];
}

interface Fixture {
  readonly package: string;
  readonly version: string;
  readonly cases: readonly Case[];
}

const file = new URL("./fixtures/houses.json", import.meta.url);
const fixtures: Readonly<Record<string, Fixture>> = JSON.parse(readFileSync(file, "utf8"));

export type House = Readonly<Record<string, (...given: readonly unknown[]) => Schedule | Feedback>>;

export const houses = Object.entries({ torch, keras, optax, hf }).map(([name, presets]) => ({
  name,
  presets: presets as unknown as House,
  ...fixtures[name],
}));

/** Functions of the user's, by the names that the fixture has for them. */
const functions: Readonly<Record<string, (k: number) => number>> = {
  "0.95 ** k": (k) => 0.95 ** k,
  "0.98 - k % 3 / 20": (k) => 0.98 - (k % 3) / 20,
};
for (const [name, fn] of Object.entries(functions)) registerFunction(name, fn);

export const isCall = (value: unknown): value is Call => typeof (value as Call | null)?.preset === "string";

/** What the preset gives. */
export const called = (house: House, call: Call): Schedule | Feedback =>
  house[call.preset](...argumentsOf(house, call));

/** What the preset is called with, made anew. */
export function argumentsOf(house: House, { arguments: given }: Call): unknown[] {
  const revived = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(revived);
    if (isCall(value)) return called(house, value);
    if (typeof value !== "object" || value === null) return value;
    if ("function" in value) return functions[String(value.function)];
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revived(inner)]));
  };
  return given.map(revived);
}

/** What it becomes as JSON, if it has a closed form. */
export function jsonOf(schedule: Schedule): ScheduleJSON | undefined {
  try {
    return schedule.toJSON();
  } catch (error) {
    if (error instanceof TypeError && error.message.endsWith("without a closed form cannot become JSON"))
      return undefined;
    throw error;
  }
}

function valuesOf(made: Schedule | Feedback, { metrics, values }: Case, backend: BackendName): ArrayLike<number> {
  if (isSchedule(made)) return sample(made, { count: values.length, backend });
  return (metrics ?? []).map((metric, k) => {
    (made as Feedback).update(metric);
    return made(k);
  });
}

/**
 * The largest error, relative to the largest magnitude until then and not to the value: what a decay that ends near 0 rounds by is of what it
 * began with.
 */
export function error(house: House, row: Case, backend: BackendName): number {
  const actual = valuesOf(called(house, row), row, backend);
  let largest = 0;
  const errors = row.values.map((value, k) => {
    largest = Math.max(largest, Math.abs(value));
    const off = Math.abs(actual[k] - value);
    return off === 0 ? 0 : off / largest;
  });
  return Math.max(...errors);
}
