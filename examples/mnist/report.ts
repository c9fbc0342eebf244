import { lossChart, lrCharts } from "./charts.ts";
import { CLASSES, type Mnist, PIXELS } from "./data.ts";
import { ranking, stories } from "./findings.ts";
import { runText, stepsText, whole } from "./format.ts";
import { BATCH, HIDDEN } from "./network.ts";
import { disagrees, type LabelledResult, type Result } from "./results.ts";
import { resultTable, timeTable } from "./tables.ts";
import type { Section } from "./tour.ts";
import type { Task } from "./train.ts";

export function opening({ train, test }: Mnist, tasks: readonly Task[]): string {
  const [{ steps, seed, backends }] = tasks;
  const runs = tasks.length;
  return [
    `MNIST: ${whole(train.labels.length)} images to learn from, ${whole(test.labels.length)} to test on.`,
    `Network: ${PIXELS} pixels → ${HIDDEN} hidden units, ReLU → ${CLASSES} classes, softmax; cross-entropy loss.`,
    `${runs === 1 ? "One run" : `${runs} runs`} of ${stepsText(steps)} of ${BATCH} images, on ${backends.join(" and ")}, seed ${seed}.`,
  ].join("\n");
}

/** What there is to see at the end: the sections, then times and hashes. */
export function report(sections: readonly Section[], results: readonly Result[]): string {
  const labelled = sections.map(({ rows }) =>
    rows.flatMap(({ label, run }) =>
      results.filter((result) => result.run === run).map((result) => ({ label, result })),
    ),
  );
  const texts = sections.map((section, i) => sectionText(section, labelled[i]));
  return [...texts, timeText(labelled[labelled.length - 1]), bitsText(results)].join("\n\n\n");
}

function sectionText({ title, about, charts }: Section, results: readonly LabelledResult[]): string {
  const parts = [heading(title, about), resultTable(results)];
  parts.push(results.length > 3 ? ranking(results) : stories(results));
  if (charts.includes("lr")) parts.push(lrCharts(results));
  if (charts.includes("loss")) parts.push(lossChart(results));
  return parts.join("\n\n");
}

function timeText(results: readonly LabelledResult[]): string {
  const title = heading(
    "The optimizer's share of the time",
    "Medians: what optimizer.step() takes, and its share beside the gradient that the network computes for it.",
  );
  return `${title}\n\n${timeTable(results)}`;
}

/** Whether the backends agree. */
function bitsText(results: readonly Result[]): string {
  const backends = results[0].outcome.descents.map(({ backend }) => backend);
  const odd = results.filter(disagrees);
  if (odd.length > 0) {
    const what = `${odd.length} of ${results.length} runs ended with other parameters on ${backends.join(" than on ")}:`;
    return heading("Different bits", [what, ...odd.map(({ run }) => `  ${runText(run)}`)].join("\n"));
  }
  const engines = "Same seed, same final parameters to the last bit, on both backends and every engine:";
  const compared =
    backends.length === 1
      ? `compare these, of the ${backends[0]} backend, with others. Without --backend both run and are compared.`
      : `${results.length === 1 ? "the run" : `each of the ${results.length} runs`} gave the same hash on ${backends.join(" and ")}.`;
  return heading("Same bits", `${engines}\n${compared}`);
}

const heading = (title: string, about: string) => `━━ ${title.toUpperCase()} ━━\n${about}`;
