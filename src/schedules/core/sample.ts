import { allocated, createBackend } from "../../backends/index.ts";
import { readOptions } from "../../common/given.ts";
import { show } from "../../common/options.ts";
import { isDetached, lengthOf, typedArrayName } from "../../common/realm.ts";
import type { Backend, BackendChoice } from "../../kernels/backend.ts";
import { checkBackend } from "../../memory/arena.ts";
import { isSchedule, type Schedule } from "./schedule.ts";

/** 64 KB, in which stretches of a curve and what is made of them stay near the processor. */
const BYTES = 65536;
/** The most values that a new array is made for. */
const MOST = 0xffffffff;

const KEYS = ["count", "start", "out", "backend"];

const idle: { [C in BackendChoice]?: Backend | undefined } = {};

export interface SampleOptions {
  /** How many values; by default the length of `out`. */
  readonly count?: number | undefined;
  /** The index of the first, default 0. */
  readonly start?: number | undefined;
  /** Where to write them; by default a new array. */
  readonly out?: Float64Array | undefined;
  /** Default "auto". */
  readonly backend?: BackendChoice | undefined;
}

/**
 * A schedule's values at `start`, `start + 1`, …: what calling it at each gives, to the bit, in one call.
 *
 * @returns `out`, or a new Float64Array
 * @throws TypeError or RangeError that names the option, what was expected and what came; what the schedule throws at an index, and then
 *   `out` holds some of the values before it
 */
export function sample(schedule: Schedule, options: SampleOptions): Float64Array {
  const { out, count = out?.length, start = 0, backend = "auto" } = readOptions("sample", options, KEYS);
  if (!isSchedule(schedule))
    throw new TypeError(`sample: schedule must be one of the library's schedules, got ${show(schedule)}`);
  if (out !== undefined) checkOut(out);
  if (count === undefined) throw new TypeError("sample: count or out must be given, got neither");
  const most = out?.length ?? MOST;
  checkWhole("count", count, most);
  checkWhole("start", start, Number.MAX_SAFE_INTEGER - count);
  checkBackend("sample", backend);
  const values = out === undefined ? roomFor(count) : out.subarray(0, count);
  // One memory a choice of backend, taken away while it is in use: a function of the user's may call sample itself.
  const sampler = idle[backend] ?? allocated("sample", BYTES, () => createBackend(backend, BYTES));
  idle[backend] = undefined;
  try {
    sampler.sample(schedule.curve, start, values);
  } finally {
    idle[backend] = sampler;
  }
  const kept = lengthOf(values);
  if (kept === count) return out ?? values;
  throw new Error(
    `sample: out must keep its memory while it is filled with ${count} values, and has ${kept}: a schedule detached or resized it`,
  );
}

function checkOut(out: unknown): void {
  if (typedArrayName(out) !== "Float64Array" || isDetached(out as Float64Array))
    throw new TypeError(`sample: out must be a Float64Array, got ${show(out)}`);
}

function roomFor(count: number): Float64Array {
  try {
    return new Float64Array(count);
  } catch {
    throw new RangeError(
      `sample: there is no memory for a count of ${count}, ${8 * count} bytes: take fewer at a time, from start on`,
    );
  }
}

function checkWhole(key: string, value: unknown, most: number): void {
  if (typeof value !== "number") throw new TypeError(`sample: ${key} must be a number, got ${show(value)}`);
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new RangeError(`sample: ${key} must be a whole number in [0, ${most}], got ${show(value)}`);
}
