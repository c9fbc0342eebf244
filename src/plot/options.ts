import { readOptions } from "../common/given.ts";
import {
  count,
  fixed,
  flag,
  type OptionTable,
  type OptionType,
  optional,
  type Resolved,
  required,
  resolve,
  show,
} from "../common/options.ts";
import { isFunction, isPlainObject, propertyOf } from "../common/realm.ts";

/** Pixels or characters, and how many values of a schedule: more would be no picture. */
const LARGEST = 1e5;
const LONGEST = 1e7;

const optionally = <V>(type: string, isType: (value: unknown) => boolean): OptionType<V | undefined, false> => ({
  fallback: undefined,
  required: false,
  type,
  isType,
  range: type,
  inRange: () => true,
  schedulable: false,
});

const text = optionally<string>("a string", (value) => typeof value === "string");
const label = (fallback: string): OptionType<string, false> => ({ ...text, fallback });
const size = (fallback: number) => fixed(count({ most: LARGEST, fallback }));
const isWhole = (x: number) => Number.isSafeInteger(x) && x >= 0;

/** Of a picture. */
export const picture = {
  /** Also what a reader of the screen is told. */
  title: text,
  /** In pixels. */
  width: size(800),
  /** In pixels; the default is 400, or what the rows of panels need. */
  height: optional(count({ most: LARGEST })),
  /** Shows a point's values when the pointer is over it: in a page, not in an `<img>`. */
  hover: flag(false),
  /** The DOM that the elements are made with, by default the browser's; in Node for instance linkedom's. */
  document: optionally<object>("a document", (value) => isFunction(propertyOf(value, "createElementNS"))),
};

/** Of a chart in a terminal. */
export const chart = {
  title: text,
  /** In characters, of one panel without what stands left of its axis. */
  width: size(72),
  /** In lines, of one panel without what stands above and below. */
  height: size(12),
  /** Whether several curves differ in colour, by ANSI's sequences; else each is drawn with a letter. */
  color: flag(false),
};

export const curve = {
  xLabel: label("x"),
  yLabel: label("y"),
  logX: flag(false),
  logY: flag(false),
  /** Places on the x axis that are pointed out by these names; those that are undefined are left out. */
  marks: optionally<Readonly<Record<string, number | undefined>>>(
    "an object of numbers",
    (value) => isPlainObject(value) && Object.values(value).every((x) => x === undefined || typeof x === "number"),
  ),
};

export const schedule = {
  /** How many values. */
  count: required(count({ most: LONGEST })),
  /** The index of the first. */
  start: fixed({ ...count(), fallback: 0, range: "a whole number ≥ 0", inRange: isWhole }),
  /** What the schedules are of. */
  label: label("learning rate"),
  /** Whether the values are on a logarithmic scale. */
  log: flag(false),
  /** Gives every schedule a panel of its own, so many in a row, all on the same scales. */
  columns: optional(count()),
};

/** Checks the options and fills in the defaults. */
export function settle<T extends OptionTable>(owner: string, table: T, given: object): Resolved<T> {
  return resolve(owner, table, readOptions(owner, given as Readonly<Record<string, unknown>>, Object.keys(table)));
}

/** Throws unless there is what a picture is drawn with. */
export function checkPlot(owner: string, Plot: object, given: object | undefined): void {
  checkLibrary(owner, "Observable Plot", Plot, ["plot", "line", "ruleX", "text", "vector", "dot"]);
  if (given === undefined && typeof document === "undefined")
    throw new TypeError(`${owner}: document must be given where the platform has none`);
}

/** Throws unless there is what a chart is drawn with. */
export const checkAsciichart = (owner: string, asciichart: object): void =>
  checkLibrary(owner, "asciichart", asciichart, ["plot"]);

function checkLibrary(owner: string, what: string, given: object, functions: readonly string[]): void {
  if (functions.some((name) => !isFunction(propertyOf(given, name))))
    throw new TypeError(`${owner}: the first argument must be ${what}, got ${show(given)}`);
}
