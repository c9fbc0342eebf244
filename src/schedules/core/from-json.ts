import { show } from "../../common/options.ts";
import { elementsOf, isReadable } from "../../common/realm.ts";
import { named } from "../../common/saved-json.ts";
import * as schedules from "../index.ts";
import { DEEPEST, LARGEST } from "./extent.ts";
import type { Schedule, ScheduleJSON, ScheduleMaker } from "./schedule.ts";

const makers = new Map<unknown, ScheduleMaker>(Object.entries(schedules));

/**
 * The schedule that `toJSON` described.
 *
 * @throws TypeError for a name that is none; RangeError for more than 64 within each other
 *   or more than 10,000 in all; what the schedule itself throws for its options
 */
export function scheduleFromJSON(json: ScheduleJSON): Schedule {
  return revive(json, 1, { count: 0 });
}

function revive(json: unknown, depth: number, made: { count: number }): Schedule {
  if (typeof json !== "object" || !isReadable(json) || Array.isArray(json))
    throw new TypeError(`scheduleFromJSON: a schedule must be an object, got ${show(json)}`);
  if (depth > DEEPEST) throw new RangeError(`scheduleFromJSON: schedules must be nested at most ${DEEPEST} deep`);
  // What JSON.parse did not give can hold one object many times.
  if (++made.count > LARGEST) throw new RangeError(`scheduleFromJSON: schedules must be made of at most ${LARGEST}`);
  // Its own properties in an object that inherits none: what Object.prototype has is no option, and "__proto__" is an unknown one.
  const given: Record<string, unknown> = Object.assign(Object.create(null), json);
  const { schedule } = given;
  delete given.schedule;
  for (const [key, value] of Object.entries(given)) given[key] = withNumbers(value);
  const maker = makers.get(schedule);
  if (maker === undefined) {
    const names = [...makers.keys()].join(", ");
    throw new TypeError(`scheduleFromJSON: schedule must be one of ${names}, got ${show(schedule)}`);
  }
  for (const [key, kind] of Object.entries(maker.spec.options))
    if (kind.json && given[key] !== undefined)
      given[key] = kind.json.from(given[key], (inner) => revive(inner, depth + 1, made));
  return maker.make(given);
}

/** An option's value, with the numbers that JSON lacks where a save has their names. */
const withNumbers = (value: unknown): unknown =>
  named(value) ?? elementsOf(value)?.map((item) => named(item) ?? item) ?? value;
