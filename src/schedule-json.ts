import { show } from "./options.ts";
import type { Schedule, ScheduleJSON } from "./schedule.ts";
import * as schedules from "./schedules/index.ts";

const makers = new Map<unknown, (options: never) => Schedule>(Object.entries(schedules));

/**
 * The schedule that `toJSON` described.
 *
 * @throws TypeError for a name that is none; what the schedule itself throws for its options
 */
export function scheduleFromJSON(json: ScheduleJSON): Schedule {
  if (typeof json !== "object" || json === null)
    throw new TypeError(`scheduleFromJSON: a schedule must be an object, got ${show(json)}`);
  const { schedule, ...options } = json;
  const make = makers.get(schedule);
  if (make) return make(options as never);
  const names = [...makers.keys()].join(", ");
  throw new TypeError(`scheduleFromJSON: schedule must be one of ${names}, got ${show(schedule)}`);
}
