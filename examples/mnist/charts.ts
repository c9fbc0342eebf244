import * as asciichart from "asciichart";
import { textCurve, textSchedule } from "../../src/plot/index.ts";
import { scheduleOf } from "./recipes.ts";
import type { LabelledResult } from "./results.ts";

/** The losses of some runs. */
export function lossChart(results: readonly LabelledResult[]): string {
  const curves = results.map(({ label, result }) => {
    const { losses } = result.outcome;
    return [label, { x: Array.from(losses.keys()), y: losses }] as const;
  });
  return textCurve(asciichart, Object.fromEntries(curves), {
    xLabel: "step",
    yLabel: "Training loss, smoothed, on a logarithmic scale:",
    logY: true,
    width: 88,
    color: process.stdout.isTTY && process.stdout.hasColors(),
  });
}

/** The learning rates of some runs, three charts a line, on one scale. */
export function lrCharts(results: readonly LabelledResult[]): string {
  const { steps } = results[0].result.outcome.task;
  const schedules = results.map(({ result: { run } }) => [run.schedule, scheduleOf(run, steps)] as const);
  return textSchedule(asciichart, Object.fromEntries(schedules), {
    count: steps,
    label: "Learning rate:",
    columns: 3,
    width: 23,
    height: 5,
  });
}
