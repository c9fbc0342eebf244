import { check, type OptionType, type ScheduleFunction, show } from "../common/options.ts";
import { isReadable } from "../common/realm.ts";
import { named, type SavedNumber, savedNumber, savedNumbers } from "../common/saved-json.ts";
import { scheduleFromJSON } from "../schedules/core/from-json.ts";
import { isSchedule, type ScheduleJSON } from "../schedules/core/schedule.ts";

/** What `lr` was set to: null if to nothing, so that the option holds; the name of a function that is none of the library's schedules. */
export type SavedLr = null | SavedNumber | ScheduleJSON | { readonly function: string };

export function savedLr(lr: number | ScheduleFunction | undefined): SavedLr {
  if (lr === undefined) return null;
  if (typeof lr === "number") return savedNumber(lr);
  return (isSchedule(lr) && jsonOf(lr)) || { function: lr.name };
}

/** Undefined if a function is inside that nobody has registered. */
function jsonOf(schedule: { readonly toJSON: () => ScheduleJSON }): ScheduleJSON | undefined {
  try {
    return savedNumbers(schedule.toJSON()) as ScheduleJSON;
  } catch {
    return undefined;
  }
}

/**
 * What `lr` is to be set to.
 *
 * @param present what it is set to, which stays if it is a function and a function was saved
 * @throws TypeError or RangeError if it is no lr; Error if it is a function that has to be set first
 */
export function lrOf(
  owner: string,
  kind: OptionType<unknown>,
  saved: unknown,
  present: number | ScheduleFunction | undefined,
): number | ScheduleFunction | undefined {
  if (saved === null) return undefined;
  const lr = named(saved) ?? saved;
  if (typeof lr === "number") {
    check(owner, "the saved lr", kind, lr);
    return lr;
  }
  if (typeof lr !== "object" || !isReadable(lr))
    throw new TypeError(`${owner}: the saved lr must be what lr was set to, or null, got ${show(saved)}`);
  if ("schedule" in lr) return scheduleFromJSON(saved as ScheduleJSON);
  if (!("function" in lr) || typeof lr.function !== "string")
    throw new TypeError(`${owner}: the saved lr must be what lr was set to, or null, got ${show(saved)}`);
  if (typeof present === "function") return present;
  const name = lr.function === "" ? "a function" : `the function ${lr.function}`;
  throw new Error(`${owner}: lr was set to ${name}, which cannot be saved: set lr to it, then load`);
}
