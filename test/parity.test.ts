/** The optimizers and schedules against the programs that test/fixtures/make_* ran; docs/parity.md has the errors. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { page } from "../scripts/parity.ts";
import { type Dtype, sample, scheduleFromJSON } from "../src/index.ts";
import { makers, own } from "./makers.ts";
import { type Case, cases, errors, relative, run, schedules, titled } from "./parity.ts";

/**
 * Four times the largest error measured. f32: 1.04e-6 = 8.8 · 2^-23, in a mean, which torch 2 works out as m + (1 - beta1)
 * · (g - m). Here beta1 is rounded too, which is 2.6e-8 of 0.9 at every step: of the two 8.6e-7 are ours, 1.6e-7 torch's.
 * f64: 1.12e-14 = 50 · 2^-52, `power`'s: its beta2^t is off by up to t · 2^-53, which 1 - beta2^t magnifies.
 */
const TOLERANCE: Readonly<Record<Dtype, number>> = { f32: 4.2e-6, f64: 4.5e-14 };
/**
 * RAdam's, in f64, by the same rule: 5.03e-13. Its length is a small difference of two numbers near 1999. The rate that
 * torch makes of it is off by up to 2.9e-12 of itself (at step 7, against 50 digits), ours by 1.1e-11 (at step 6).
 */
const RADAM_TOLERANCE = 2.1e-12;
/**
 * Those whose reference corrects its moments in f32, by the same rule: 1.28e-5, in a parameter. TensorFlow.js's 1 - 0.999^t is off by up
 * to 2.7e-5 of itself, Keras's by 2.0e-5, and half of that under the root. In f64 Keras is as near as the others.
 */
const ROUNDED = ["keras.adam", "keras.adamw", "keras.nadam", "tfjs.adam"];
const ROUNDED_TOLERANCE = 5.2e-5;

/**
 * Of what takes sums over all parameters first, by the same rule: 3.54e-6 and 1.97e-14. Terms of both signs lose digits in a sum, and what
 * follows from it, d or the lr, is in every later step.
 */
const SURVEYING = own.flatMap(({ spec }) => (spec.globalStats ? [spec.name] : []));
const SURVEY_TOLERANCE: typeof TOLERANCE = { f32: 1.4e-5, f64: 7.9e-14 };

/**
 * Of sam, whose gradients in these cases are of the parameters, by the same rule: 6.35e-6, in a square near 0, the reference taking the norm
 * in f32; and 1.55e-13, with Adam, whose own errors so come back to it. With SGD it is 7.4e-17.
 */
const SAM_TOLERANCE: typeof TOLERANCE = { f32: 2.6e-5, f64: 6.2e-13 };

function toleranceOf({ optimizer, subject }: Case, dtype: Dtype): number {
  if (subject === "sam") return SAM_TOLERANCE[dtype];
  if (SURVEYING.includes(optimizer)) return SURVEY_TOLERANCE[dtype];
  if (dtype === "f32") return ROUNDED.includes(optimizer) ? ROUNDED_TOLERANCE : TOLERANCE.f32;
  return optimizer === "radam" ? RADAM_TOLERANCE : TOLERANCE.f64;
}

/**
 * Four times the largest measured, 2.4e-14: torch's `1 + k / total - cycle` loses digits at the foot of its triangle.
 */
const SCHEDULE_TOLERANCE = 1e-13;

const backends = ["wasm", "plain"] as const;
const titles = cases.map((row) => [titled(row), row] as const);

describe.each(backends)("on %s", (backend) => {
  describe.each(["f32", "f64"] as const)("in %s", (dtype) => {
    test.each(titles.filter(([, row]) => row[dtype]))("%s", (_, row) => {
      const tolerance = toleranceOf(row, dtype);
      for (const [array, error] of Object.entries(errors(row, dtype, backend)))
        expect(error, array).toBeLessThan(tolerance);
    });
  });

  test.each(schedules)("$torch $json", ({ json, values }) => {
    const actual = sample(scheduleFromJSON(json), { count: values.length, backend });
    const all = values.map((value, k) => relative(Math.abs(actual[k] - value), Math.abs(value)));
    expect(Math.max(...all)).toBeLessThan(SCHEDULE_TOLERANCE);
  });
});

test.each(titles)("keeps the same state: %s", (_, row) => {
  const actual = run(row, "f32", "plain");
  for (const [key, recording] of Object.entries(row.f32))
    expect(Object.keys(actual[key]).sort()).toEqual(Object.keys(recording).sort());
});

test("every optimizer has a reference", () => {
  expect([...new Set(cases.map(({ optimizer }) => optimizer))].sort()).toEqual(Object.keys(makers).sort());
});

test("docs/parity.md is what scripts/parity.ts makes of the fixtures", () => {
  expect(readFileSync("docs/parity.md", "utf8")).toBe(page());
});
