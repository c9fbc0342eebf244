import * as Plot from "@observablehq/plot";
import * as asciichart from "asciichart";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { constant } from "../src/index.ts";
import { plotCurve, plotSchedule, textCurve, textSchedule } from "../src/plot/index.ts";
import { type Expectation, flag, loose, refusals, unknown } from "./refusals.ts";

const { document } = parseHTML("<html></html>");

const text = { range: "", bad: [], type: "a string", wrong: [1, null] };
const whole = { range: "a whole number > 0", bad: [0, 1.5, -1, NaN], type: "a number", wrong: ["1", null] };
const size = { ...whole, range: "a whole number in [1, 100000]", bad: [...whole.bad, 100001] };

const around = { title: text, width: size, height: size };
const picture = { ...around, hover: flag, document: { range: "", bad: [], type: "a document", wrong: [{}, null, 1] } };
const chart = { ...around, color: flag };
const curve = {
  xLabel: text,
  yLabel: text,
  logX: flag,
  logY: flag,
  marks: { range: "", bad: [], type: "an object of numbers", wrong: [1, null, { a: "1" }, [1]] },
};
const schedule = {
  count: { ...whole, range: "a whole number in [1, 10000000]", bad: [...whole.bad, 1e9] },
  start: { range: "a whole number ≥ 0", bad: [-1, 0.5, NaN], type: "a number", wrong: ["1", null] },
  label: text,
  log: flag,
  columns: whole,
};

interface Case {
  readonly name: string;
  readonly call: (library: unknown, data: unknown, options: unknown) => unknown;
  readonly library: unknown;
  readonly what: string;
  readonly data: unknown;
  readonly needed: object;
  readonly options: Readonly<Record<string, Expectation>>;
}

const curves = { loss: { x: [1, 2], y: [3, 4] } };
const schedules = { flat: constant({ value: 1 }) };
const cases: readonly Case[] = [
  {
    name: "plotCurve",
    call: loose(plotCurve),
    library: Plot,
    what: "Observable Plot",
    data: curves,
    needed: { document },
    options: { ...picture, ...curve },
  },
  {
    name: "textCurve",
    call: loose(textCurve),
    library: asciichart,
    what: "asciichart",
    data: curves,
    needed: {},
    options: { ...chart, ...curve },
  },
  {
    name: "plotSchedule",
    call: loose(plotSchedule),
    library: Plot,
    what: "Observable Plot",
    data: schedules,
    needed: { document, count: 2 },
    options: { ...picture, ...schedule },
  },
  {
    name: "textSchedule",
    call: loose(textSchedule),
    library: asciichart,
    what: "asciichart",
    data: schedules,
    needed: { count: 2 },
    options: { ...chart, ...schedule },
  },
];

describe.each(cases)("$name", ({ name, call, library, what, data, needed, options }) => {
  test("takes what it should", () => {
    expect(call(library, data, needed)).toMatch(/[┤┼]|^<svg/);
  });

  test.each(Object.keys(options))("refuses a bad %s, and says why", (key) => {
    for (const { value, error } of refusals(name, key, options[key]))
      expect(() => call(library, data, { ...needed, [key]: value })).toThrow(error);
  });

  test("refuses an option that does not exist", () => {
    expect(() => call(library, data, { ...needed, colour: true })).toThrow(
      unknown(name, "colour", Object.keys(options)),
    );
    expect(() => call(library, data, null)).toThrow(new TypeError(`${name}: options must be an object, got null`));
  });

  test.each([undefined, {}, "Plot"])("refuses %j for a library", (other) => {
    const shown = other === "Plot" ? '"Plot"' : other === undefined ? "undefined" : "an object";
    expect(() => call(other, data, needed)).toThrow(
      new TypeError(`${name}: the first argument must be ${what}, got ${shown}`),
    );
  });
});

test.each(cases)("$name says that it was given what draws nothing", ({ name, call, library, data, needed }) => {
  const way = library === Plot ? "Plot.plot must return an SVG element" : "asciichart.plot must return a string";
  expect(() => call({ ...(library as object), plot: () => 1 }, data, needed)).toThrow(
    new TypeError(`${name}: ${way}, got 1`),
  );
});

test("a chart's library without a colour is refused where there is colour", () => {
  const library = { ...asciichart, reset: [1] };
  expect(textCurve(library as never, curves)).toContain("┤");
  expect(() => textCurve(library as never, curves, { color: true })).toThrow(
    new TypeError("textCurve: asciichart.reset must be a string, got [1]"),
  );
});

test("a chart's library draws no picture", () => {
  expect(() => loose(plotCurve)(asciichart, curves, { document })).toThrow(
    "the first argument must be Observable Plot",
  );
});

test("where there is no document, one must be given", () => {
  expect(() => plotCurve(Plot, curves)).toThrow(
    new TypeError("plotCurve: document must be given where the platform has none"),
  );
});

function detached(): Float64Array {
  const x = Float64Array.of(1);
  structuredClone(x, { transfer: [x.buffer] });
  return x;
}

test.each([
  [3, new TypeError("textCurve: curves must be an object, got 3")],
  [null, new TypeError("textCurve: curves must be an object, got null")],
  [{}, new RangeError("textCurve: curves must be at least one, got none")],
  [{ a: null }, new TypeError("textCurve: a.x must be an array of numbers, got undefined")],
  [{ a: { x: [1] } }, new TypeError("textCurve: a.y must be an array of numbers, got undefined")],
  [{ a: { x: [1], y: ["1"] } }, new TypeError('textCurve: a.y must be an array of numbers, got ["1"]')],
  [
    { a: { x: [1], y: new BigInt64Array(1) } },
    new TypeError("textCurve: a.y must be an array of numbers, got a BigInt64Array"),
  ],
  [
    { a: { x: detached(), y: [] } },
    new TypeError("textCurve: a.x must be an array of numbers, got a detached Float64Array"),
  ],
  [{ a: { x: [1, 2], y: [1] } }, new RangeError("textCurve: a.y must be as long as a.x, 2, got 1")],
  [{ a: { x: [1], y: [NaN] } }, new RangeError("textCurve: a must have a point that is finite, got none in 1")],
  [{ a: { x: [], y: [] } }, new RangeError("textCurve: a must have a point that is finite, got none in 0")],
])("textCurve refuses %o", (curves, error) => {
  expect(() => loose(textCurve)(asciichart, curves)).toThrow(error);
});

test("a line without a point on a logarithmic axis is refused", () => {
  expect(() => textCurve(asciichart, { a: { x: [1, 2], y: [0, -1] } }, { logY: true })).toThrow(
    new RangeError("textCurve: a must have a point that is finite and, on a logarithmic axis, > 0, got none in 2"),
  );
});

test.each([
  [3, new TypeError("textSchedule: schedules must be an object or an array, got 3")],
  [[], new RangeError("textSchedule: schedules must be at least one, got none")],
  [
    { mine: (k: number) => k },
    new TypeError("textSchedule: mine must be one of the library's schedules, got a function"),
  ],
  [[null], new TypeError("textSchedule: 0 must be one of the library's schedules, got null")],
])("textSchedule refuses %o", (schedules, error) => {
  expect(() => loose(textSchedule)(asciichart, schedules, { count: 3 })).toThrow(error);
});
