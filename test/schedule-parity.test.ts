/** Schedules against those of the programs that test/fixtures/make_schedules.py ran. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type ScheduleJSON, sample, scheduleFromJSON } from "../src/index.ts";

interface Case {
  readonly reference: string;
  readonly json: ScheduleJSON;
  readonly values: readonly number[];
}

const file = new URL("./fixtures/schedules.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Case[] };

/**
 * Of the largest magnitude until then and not of the value: a decay that ends near 0 cancels, and what it rounds by is of what it began with,
 * however small the rest; until then, so that no later peak hides an error before it. Four times the largest measured, 3.5e-14: torch's CosineAnnealingLR goes from each value to the next
 * and is off by that after a way down and up again. Without it the largest is 2.2e-15.
 */
const TOLERANCE = 1.4e-13;

test.each(cases)("$reference $json", ({ json, values }) => {
  for (const backend of ["wasm", "plain"] as const) {
    const actual = sample(scheduleFromJSON(json), { count: values.length, backend });
    let largest = 0;
    values.forEach((value, k) => {
      largest = Math.max(largest, Math.abs(value));
      expect(Math.abs(actual[k] - value), `index ${k}`).toBeLessThanOrEqual(TOLERANCE * largest);
    });
  }
});
