import type { Case } from "./cases.ts";
import { markdown } from "./markdown.ts";
import { timeAll } from "./progress.ts";
import { seeded } from "./random.ts";
import { type Effort, stopwatch } from "./stopwatch.ts";

/** What one `step()` of a small model takes, in µs. */
export interface Latency {
  readonly name: string;
  readonly wasm: number;
  readonly plain: number;
}

/** Ten tensors of 1 to 10 elements. */
export const shapes = Array.from({ length: 10 }, (_, i) => [i + 1]);
export const elements = 55;

export function timeLatency(cases: readonly Case[], effort: Effort): Latency[] {
  const times = timeAll("step()", cases, effort.rounds, (row) => columns(row, effort));
  return cases.map(({ name }, i) => ({ name, ...times[i] }));
}

function columns({ make }: Case, effort: Effort) {
  const step = (backend: "wasm" | "plain") => {
    const optimizer = seeded(make(shapes, { backend }));
    const time = stopwatch(() => optimizer.step(), elements, effort);
    return () => (time() * elements) / 1000;
  };
  return { wasm: step("wasm"), plain: step("plain") };
}

export function latencyTable(rows: readonly Latency[]): string {
  const header = [`10 tensors, ${elements} elements`, "WASM", "plain TS"];
  return markdown(
    header,
    rows.map(({ name, wasm, plain }) => [name, wasm.toFixed(3), plain.toFixed(3)]),
  );
}
