export { type PlotCurveOptions, plotCurve, type TextCurveOptions, textCurve } from "./curve.ts";
export type { Curve, Curves } from "./lines.ts";
export type { Asciichart, ObservablePlot, SvgElement } from "./peers.ts";
export {
  type PlotScheduleOptions,
  plotSchedule,
  type Schedules,
  type TextScheduleOptions,
  textSchedule,
} from "./schedule.ts";
