import { blue, cyan, green, magenta, plot, red, reset, yellow } from "asciichart";
import { sample } from "../../src/index.ts";
import { lossText, short, stepsText } from "./format.ts";
import { scheduleOf } from "./recipes.ts";
import type { LabelledResult } from "./results.ts";

const COLORS = [green, blue, red, magenta, cyan, yellow];
/** What stands for the colours where there are none. */
const MARKS = ["a", "b", "c", "d", "e", "f"];

/** Columns of the labels and the axis. */
const LABEL = 8;
const WIDE = 88;
const NARROW = 23;

/** The smoothed losses of some runs on a logarithmic scale. */
export function lossChart(results: readonly LabelledResult[]): string {
  const { steps } = results[0].result.outcomes[0].task;
  const curves = results.map(({ result }) => thin(result.outcomes[0].losses, steps, WIDE).map(Math.log10));
  const format = (y: number) => lossText(10 ** y).padStart(LABEL - 1);
  const chart = plot(curves, { height: 12, min: -1, max: 0.4, offset: 2, colors: COLORS, format });
  const legend = results.map(({ label }, i) => `${COLORS[i]}─${reset} ${label}`).join("   ");
  return inMarks(`${chart}\n${axis(steps, WIDE)}\n\n${" ".repeat(LABEL)}${legend}`);
}

/** The learning rates of some runs, three charts a line, on one scale. */
export function lrCharts(results: readonly LabelledResult[]): string {
  const curves = results.map(({ result }) => {
    const { run, steps } = result.outcomes[0].task;
    const lrs = sample(scheduleOf(run, steps), { count: steps });
    return { label: run.schedule, steps, lrs: thin(lrs, steps, NARROW) };
  });
  const max = Math.max(...curves.flatMap(({ lrs }) => lrs));
  const format = (y: number) => short(y).padStart(LABEL - 1);
  const charts = curves.map(({ label, steps, lrs }) => [
    " ".repeat(LABEL) + label,
    ...plot(lrs, { height: 5, min: 0, max, offset: 2, format }).split("\n"),
    axis(steps, NARROW),
  ]);
  const lines: string[] = [];
  for (let i = 0; i < charts.length; i += 3) lines.push(...sideBySide(charts.slice(i, i + 3)), "");
  return lines.join("\n").trimEnd();
}

/** Evenly spaced values, `width` of them if there are `steps`. */
function thin(values: ArrayLike<number>, steps: number, width: number): number[] {
  const indices = Array.from({ length: width }, (_, x) => Math.round((x / (width - 1)) * (steps - 1)));
  return indices.filter((k) => k < values.length).map((k) => values[k]);
}

const axis = (steps: number, width: number) => `${" ".repeat(LABEL)}0${stepsText(steps).padStart(width - 2)}`;

function sideBySide(charts: readonly string[][]): string[] {
  const width = LABEL + NARROW + 2;
  return charts[0].map((_, row) =>
    charts
      .map((lines) => lines[row].padEnd(width))
      .join("")
      .trimEnd(),
  );
}

/** The chart as it is on a terminal with colours, else with a letter in place of each coloured character. */
function inMarks(chart: string): string {
  if (process.stdout.isTTY && process.stdout.hasColors()) return chart;
  const withMark = (text: string, color: string, i: number) => {
    const [before, ...after] = text.split(color);
    return [before, ...after.map((piece) => piece.slice(1 + reset.length))].join(MARKS[i]);
  };
  return COLORS.reduce(withMark, chart);
}
