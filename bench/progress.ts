import { SingleBar } from "cli-progress";
import type { Case } from "./cases.ts";

/** Times one case after the other, behind a bar on stderr that is gone when the table comes. */
export function eachCase<T>(what: string, cases: readonly Case[], time: (row: Case) => T): T[] {
  const bar = new SingleBar({
    format: `${what} {bar} {value}/{total} {name}`,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(cases.length, 0, { name: "" });
  const times = cases.map((row) => {
    bar.update({ name: row.name });
    const result = time(row);
    bar.increment();
    return result;
  });
  bar.stop();
  return times;
}
