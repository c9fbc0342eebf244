import { isRegExp } from "../../common/realm.ts";
import { scheduleFromJSON } from "../../schedules/core/from-json.ts";
import type { ScheduleJSON } from "../../schedules/core/schedule.ts";

// Options on their way through model.json. TensorFlow.js turns snake_case into camelCase there, in keys and in texts alike, so that they
// travel as one text of JSON in which no underscore is left.

type Options = Readonly<Record<string, unknown>>;

/** Stands for a function, which no file holds. */
const FUNCTION = { function: true };

export function encode(options: Options): string {
  return JSON.stringify(options, (_, value: unknown) => {
    if (typeof value === "function") return FUNCTION;
    if (isRegExp(value)) return { pattern: value.source, flags: value.flags };
    if (typeof value === "number" && !Number.isFinite(value)) return { number: String(value) };
    return value;
  }).replaceAll("_", "\\u005f");
}

/**
 * @param given options that take the place of those in the text
 * @throws TypeError if an option was a function and is not among these
 */
export function decode(owner: string, text: string, given: Options): Options {
  const options = { ...(JSON.parse(text) as Options), ...given };
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, revive(value, () => lost(owner, key))]),
  );
}

function revive(value: unknown, lost: () => never): unknown {
  if (Array.isArray(value)) return value.map((item) => revive(item, lost));
  if (typeof value !== "object" || value === null || isRegExp(value)) return value;
  const record = value as Options;
  if (record.function === true) lost();
  if (typeof record.schedule === "string") return scheduleFromJSON(record as ScheduleJSON);
  if (typeof record.pattern === "string") return new RegExp(record.pattern, String(record.flags));
  if (typeof record.number === "string") return Number(record.number);
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, revive(item, lost)]));
}

function lost(owner: string, key: string): never {
  throw new TypeError(
    `${owner}: ${key} had a function in it, which is not saved: give it again, registerOptimizer(tf, ${owner}, { ${key} })`,
  );
}
