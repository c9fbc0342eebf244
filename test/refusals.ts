type Loose = (...args: unknown[]) => unknown;

/** A function without its types, for calls that must not compile. */
export const loose = (f: unknown): Loose => f as Loose;

/** What a message says of an option, and values that earn it. Written out, so that a changed range is a changed test. */
export interface Expectation {
  readonly range: string;
  readonly bad: readonly unknown[];
  /** Default: "a number or a schedule". */
  readonly type?: string;
  /** Default: a string. */
  readonly wrong?: readonly unknown[];
}

export const flag = { range: "", bad: [], type: "true or false", wrong: [0, "true", null] };

/** What must be thrown at an option that there is not: its options, and perhaps one that may be meant. */
export const unknown = (owner: string, key: string, options: readonly string[]): RegExp =>
  new RegExp(
    `^${owner.replaceAll(/[[\].]/g, "\\$&")}: unknown option ${key}( \\(did you mean [\\w, ]+\\?\\))?, expected one of ${options.join(", ")}$`,
  );

/** How a message shows a value. */
function label(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.map(label).join(", ")}]`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** A call that must throw, and what. */
export function refusals(
  owner: string,
  key: string,
  { range, bad, type = "a number or a schedule", wrong = ["1", null, {}] }: Expectation,
) {
  return [
    ...bad.map((value) => ({ value, error: new RangeError(`${owner}: ${key} must be ${range}, got ${label(value)}`) })),
    ...wrong.map((value) => ({ value, error: new TypeError(`${owner}: ${key} must be ${type}, got ${label(value)}`) })),
  ];
}
