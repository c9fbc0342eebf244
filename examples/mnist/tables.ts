import { table } from "../table.ts";
import { lossText, percent, short, whole } from "./format.ts";
import { scheduleOf } from "./recipes.ts";
import { hashes, type LabelledResult } from "./results.ts";
import type { Outcome } from "./train.ts";

/** What each run reached. */
export function resultTable(results: readonly LabelledResult[]): string {
  const head = ["", "lr, first → last", "steps", "training loss", "test accuracy", "parameters' hash"];
  return table(
    head,
    results.map(({ label, result }) => {
      const { task, losses, divergence, accuracy } = result.outcome;
      const loss = divergence ? "diverged" : lossText(losses[losses.length - 1]);
      return [label, lrText(task), whole(losses.length), loss, percent(accuracy, 2), hashes(result).join(" ≠ ")];
    }),
  );
}

/** How much of its time each run spends in `optimizer.step()`, on each backend. */
export function timeTable(results: readonly LabelledResult[]): string {
  const backends = results[0].result.outcome.descents.map(({ backend }) => backend);
  const head = ["", ...backends.flatMap((backend) => [`${backend}: µs a step`, "share"])];
  if (backends.length === 2) head.push(`${backends[1]} / ${backends[0]}`);
  return table(
    head,
    results.map(({ label, result }) => {
      const { descents, gradientTime } = result.outcome;
      const times = descents.map(({ stepTime }) => stepTime);
      const cells = times.flatMap((time) => [(1000 * time).toFixed(1), percent(time / (time + gradientTime))]);
      if (times.length === 2) cells.push(`${(times[1] / times[0]).toFixed(1)} ×`);
      return [label, ...cells];
    }),
  );
}

/** The first and the last learning rate of a run. */
function lrText({ run, steps }: Outcome["task"]): string {
  const lr = scheduleOf(run, steps);
  const [first, last] = [short(lr(0)), short(lr(steps - 1))];
  return first === last ? first : `${first} → ${last}`;
}
