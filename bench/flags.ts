import { parseArgs } from "node:util";
import type { Effort } from "./stopwatch.ts";

export interface Flags {
  readonly sizes: readonly number[];
  readonly effort: Effort;
}

/** `--quick`: two sizes and fewer, shorter rounds. `--sizes 64,4096`: these numbers of parameters instead. */
export function readFlags(): Flags {
  const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, sizes: { type: "string" } } });
  const sizes = values.quick ? [65_536, 1e6] : [64, 4_096, 65_536, 1e6, 1e7];
  const effort = values.quick
    ? { warmupMilliseconds: 80, milliseconds: 8, rounds: 5 }
    : { warmupMilliseconds: 150, milliseconds: 20, rounds: 15 };
  return { sizes: values.sizes === undefined ? sizes : values.sizes.split(",").map(size), effort };
}

function size(text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`--sizes must be whole numbers > 0, got ${text}`);
  return n;
}
