import { sample, warmupCosine } from "../src/index.ts";
import { count, markdown, nanoseconds, ratio } from "./markdown.ts";
import { composed, loop, single } from "./peers/closures.ts";
import { timeAll } from "./progress.ts";
import { type Effort, stopwatch } from "./stopwatch.ts";

/** What one value of a warmup with a cosine decay takes, in ns, into an array that is there. */
export interface ScheduleTimes {
  readonly name: string;
  readonly values: number;
  readonly wasm: number;
  readonly plain: number;
  readonly composed: number;
  readonly single: number;
}

const cases = [1_000, 1_000_000].map((values) => ({ name: `${count(values)} values`, values }));

export function timeSchedules(effort: Effort): ScheduleTimes[] {
  const times = timeAll("schedules", cases, effort.rounds, ({ values }) => columns(values, effort));
  return cases.map((row, i) => ({ ...row, ...times[i] }));
}

function columns(values: number, effort: Effort) {
  const options = { peak: 1e-3, warmup: values / 100, steps: values };
  const schedule = warmupCosine(options);
  const own = () => new Float64Array(values);
  const sampled = (backend: "wasm" | "plain") => {
    const out = own();
    return stopwatch(() => sample(schedule, { out, backend }), values, effort);
  };
  return {
    wasm: sampled("wasm"),
    plain: sampled("plain"),
    composed: stopwatch(loop(composed(options), own()), values, effort),
    single: stopwatch(loop(single(options), own()), values, effort),
  };
}

export function schedulesTable(rows: readonly ScheduleTimes[]): string {
  const header = [
    "warmupCosine",
    "plain TS",
    "closures",
    "one closure",
    "WASM",
    "closures : WASM",
    "one closure : WASM",
  ];
  return markdown(
    header,
    rows.map(({ name, plain, composed, single, wasm }) => [
      name,
      ...[plain, composed, single, wasm].map(nanoseconds),
      ...[ratio(composed, wasm), ratio(single, wasm)],
    ]),
  );
}
