import type { Options, Resolved } from "../common/options.ts";
import { type Curves, linesOf, marksOf } from "./lines.ts";
import { chart, checkAsciichart, checkPlot, curve, picture, settle } from "./options.ts";
import type { Asciichart, ObservablePlot } from "./peers.ts";
import { drawSvg } from "./svg.ts";
import { drawText } from "./text.ts";

const pictureOptions = { ...picture, ...curve };
const chartOptions = { ...chart, ...curve };

export type PlotCurveOptions = Options<typeof picture & typeof curve>;
export type TextCurveOptions = Options<typeof chart & typeof curve>;

/**
 * A picture of curves, such as losses over steps or over learning rates: SVG that needs nothing else and can be read on white and on black.
 * A point that is not finite (beyond 1e300 counts as that), or not > 0 on a logarithmic axis, leaves a gap; of more points than can be
 * told apart those that make the outline are kept.
 *
 * @param Plot Observable Plot: `import * as Plot from "@observablehq/plot"`
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function plotCurve(Plot: ObservablePlot, curves: Curves, options: PlotCurveOptions = {}): string {
  const settings = settle("plotCurve", pictureOptions, options);
  checkPlot("plotCurve", Plot, settings.document);
  return drawSvg(Plot, { ...settings, ...figureOf("plotCurve", curves, settings) });
}

/**
 * A chart of curves for a terminal, with gaps as in `plotCurve`; of the points in one column the last is drawn, before and after a curve
 * turns round in x.
 *
 * @param asciichart `import * as asciichart from "asciichart"`
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function textCurve(asciichart: Asciichart, curves: Curves, options: TextCurveOptions = {}): string {
  const settings = settle("textCurve", chartOptions, options);
  checkAsciichart("textCurve", asciichart);
  return drawText(asciichart, { ...settings, ...figureOf("textCurve", curves, settings) });
}

function figureOf(owner: string, curves: Curves, settings: Resolved<typeof curve>) {
  const { marks = {}, ...axes } = settings;
  return {
    owner,
    lines: linesOf(owner, curves, axes),
    marks: marksOf(marks, axes),
    columns: undefined,
    fromZero: false,
  };
}
