import { type Options, type Resolved, show } from "../common/options.ts";
import { elementsOf, isPlainObject } from "../common/realm.ts";
import { sample } from "../schedules/core/sample.ts";
import { isSchedule, type Schedule } from "../schedules/core/schedule.ts";
import { lineOf } from "./lines.ts";
import { chart, checkAsciichart, checkPlot, picture, schedule, settle } from "./options.ts";
import type { Asciichart, ObservablePlot } from "./peers.ts";
import { drawSvg } from "./svg.ts";
import { drawText } from "./text.ts";

const pictureOptions = { ...picture, ...schedule };
const chartOptions = { ...chart, ...schedule };

export type PlotScheduleOptions = Options<typeof picture & typeof schedule>;
export type TextScheduleOptions = Options<typeof chart & typeof schedule>;

/** Schedules by name, or a list of schedules that are called what they are: "cyclic". */
export type Schedules = Readonly<Record<string, Schedule>> | readonly Schedule[];

/**
 * A picture of schedules over the update index, drawn as `plotCurve` draws.
 *
 * @param Plot Observable Plot: `import * as Plot from "@observablehq/plot"`
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function plotSchedule(Plot: ObservablePlot, schedules: Schedules, options: PlotScheduleOptions): string {
  const settings = settle("plotSchedule", pictureOptions, options);
  checkPlot("plotSchedule", Plot, settings.document);
  return drawSvg(Plot, { ...settings, ...figureOf("plotSchedule", schedules, settings) });
}

/**
 * A chart of schedules for a terminal, drawn as `textCurve` draws.
 *
 * @param asciichart `import * as asciichart from "asciichart"`
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function textSchedule(asciichart: Asciichart, schedules: Schedules, options: TextScheduleOptions): string {
  const settings = settle("textSchedule", chartOptions, options);
  checkAsciichart("textSchedule", asciichart);
  return drawText(asciichart, { ...settings, ...figureOf("textSchedule", schedules, settings) });
}

function figureOf(owner: string, schedules: Schedules, settings: Resolved<typeof schedule>) {
  const { count, start, label, log, columns } = settings;
  const axes = { logX: false, logY: log };
  const x = Array.from({ length: count }, (_, i) => start + i);
  const lines = named(owner, schedules).map(([name, schedule]) =>
    lineOf(owner, name, x, Array.from(sample(schedule, { count, start })), axes),
  );
  return { owner, ...axes, lines, xLabel: "step", yLabel: label, marks: [], columns, fromZero: true };
}

function named(owner: string, schedules: Schedules): [string, Schedule][] {
  const list = elementsOf(schedules);
  if (list === undefined && !isPlainObject(schedules))
    throw new TypeError(`${owner}: schedules must be an object or an array, got ${show(schedules)}`);
  const entries = Object.entries<unknown>(list ?? schedules);
  if (entries.length === 0) throw new RangeError(`${owner}: schedules must be at least one, got none`);
  return entries.map(([name, schedule]) => {
    if (isSchedule(schedule)) return [list ? schedule.name : name, schedule];
    throw new TypeError(`${owner}: ${name} must be one of the library's schedules, got ${show(schedule)}`);
  });
}
