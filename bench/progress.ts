import { SingleBar } from "cli-progress";
import { medians, type Sample } from "./rounds.ts";

type Columns = Readonly<Record<string, Sample | undefined>>;

/** Prepares all rows and times them round by round, behind a bar on stderr that is gone when the table comes. */
export function timeAll<R extends { readonly name: string }, C extends Columns>(
  what: string,
  cases: readonly R[],
  rounds: number,
  prepare: (row: R) => C,
): ReturnType<typeof medians<C>> {
  const bar = new SingleBar({
    format: `${what} {bar} {percentage} % {name}`,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(cases.length * (rounds + 1), 0, { name: "" });
  const tick = (row: number) => bar.increment({ name: cases[row].name });
  const columns = cases.map((row, i) => {
    const prepared = prepare(row);
    tick(i);
    return prepared;
  });
  const times = medians(columns, rounds, tick);
  bar.stop();
  return times;
}
