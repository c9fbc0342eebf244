import { lossText, percent, short, stepsText, whole } from "./format.ts";
import type { LabelledResult } from "./results.ts";

/** What happened in each run, a line for each; how fast it was is said by the best of them. */
export function stories(results: readonly LabelledResult[]): string {
  const best = bestOf(results);
  return results
    .map((result) => `${result.label} (lr ${short(result.result.run.lr)}): ${story(result, best)}`)
    .join("\n");
}

function story(result: LabelledResult, best: LabelledResult): string {
  const { losses, divergence } = outcome(result);
  if (divergence) {
    const { step, peak } = divergence;
    const what = Number.isNaN(peak)
      ? "the loss or a gradient was no longer finite."
      : `the loss rose to ${lossText(peak)}, ${short(peak / divergence.best)} × its best, and never recovered.`;
    return `diverged at step ${whole(step)}: ${what}`;
  }
  const last = losses[losses.length - 1];
  const told = `loss ${lossText(losses[0])} → ${lossText(last)} in ${stepsText(losses.length)}`;
  const there = outcome(best).losses.findIndex((loss) => loss <= last);
  return best === result || there < 0 ? `${told}.` : `${told}; ${best.label} got that far in ${whole(there + 1)}.`;
}

/** The best of a section, against its first row. */
export function ranking(results: readonly LabelledResult[]): string {
  const [first, ...others] = results;
  const best = bestOf(results);
  const better = others.filter((other) => outcome(other).accuracy > outcome(first).accuracy).length;
  return (
    `Best on the test images: ${best.label}, ${percent(outcome(best).accuracy, 2)}. ` +
    `${better} of the ${others.length} others beat ${first.label}.`
  );
}

const outcome = ({ result }: LabelledResult) => result.outcome;

const bestOf = (results: readonly LabelledResult[]) =>
  results.reduce((a, b) => (outcome(b).accuracy > outcome(a).accuracy ? b : a));
