import { listOf, type OptionType, type ScheduleFunction } from "../../common/options.ts";
import { extentOf, withExtent } from "../../schedules/core/extent.ts";
import { inners, isSchedule, type Schedule } from "../../schedules/core/schedule.ts";
import { map } from "../../schedules/map.ts";

/** How one of torch's schedulers goes from one lr of the optimizer to the next: what SequentialLR and ChainedScheduler go by. */
export interface Stepping {
  /** The lr that it was made with, or its own. */
  readonly lr: number;
  /** Whether that is the optimizer's, or the optimizer's if no other has made it its own, or the optimizer's from then on. */
  readonly base: "taken" | "given" | "changed";
  /**
   * The lr at index `k`.
   *
   * @param lr what is there: that at k − 1 or, in a chain, what the one before made of it
   * @param initial the lr of the optimizer
   */
  readonly next: (lr: number, k: number, initial: number) => number;
  /** The closed form for an lr of 1, if all that `next` does is multiply. */
  readonly unit?: () => Schedule;
  /** The lr at index 0 where another ended at `lr`, if it is not that of the closed form. */
  readonly resume?: (lr: number) => number;
  /** What it is made of, if it is made of others. */
  readonly parts?: readonly Stepping[];
}

const steppings = new WeakMap<Schedule, Stepping>();

/** The schedule, of which is known how it steps. */
export function stepping(schedule: Schedule, how: Stepping): Schedule {
  steppings.set(schedule, how);
  return schedule;
}

export const steppingOf = (schedule: Schedule): Stepping => steppings.get(schedule) as Stepping;

/** Those of which that is known. */
export const schedulers = (): OptionType<readonly Schedule[], true> => ({
  ...inners(),
  type: "an array of schedules of thalweg/schedules/torch",
  isType: listOf((one) => isSchedule(one) && steppings.has(one)),
});

/**
 * The lr that an optimizer has when all have been made with it, in their order.
 *
 * @throws RangeError if one was made with another
 */
export function initialOf(name: string, all: readonly Stepping[]): number {
  let initial = all[0].lr;
  all.forEach(({ lr, base }, i) => {
    if (base === "changed") initial = lr;
    if (base === "taken" && lr !== initial)
      throw new RangeError(`${name}: schedulers must be made with one lr, got ${lr} after ${initial} at index ${i}`);
  });
  return initial;
}

/**
 * The schedule whose every value is made of the one before. The last is remembered; an earlier one makes it begin anew.
 *
 * @param start what the value at index 0 is made of
 * @param parts the functions that `next` calls
 */
export function stepwise(
  name: string,
  start: number,
  next: (value: number, k: number) => number,
  parts: readonly ScheduleFunction[],
): Schedule {
  const before = { k: -1, value: start };
  let last = before;
  const at = (index: number) => {
    if (!(index <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`${name}: k must be an update index, got ${index}`);
    let { k, value } = index < last.k ? before : last;
    for (; k + 1 <= index; k++) value = next(value, k + 1);
    last = { k, value };
    return value;
  };
  const toJSON = () => {
    throw new TypeError(`toJSON: ${name} without a closed form cannot become JSON`);
  };
  return withExtent(Object.assign(map(at), { toJSON }), extentOf(name, parts));
}
