import { show } from "../common/options.ts";
import { isFunction, propertyOf } from "../common/realm.ts";
import { type Figure, isDrawn, type Line, type Mark, type Point, short, tick } from "./figure.ts";
import type { ObservablePlot, SvgElement } from "./peers.ts";
import { thin } from "./thin.ts";

export interface Picture extends Figure {
  readonly width: number;
  readonly height: number | undefined;
  readonly hover: boolean;
  readonly document: object | undefined;
}

/** Grey that stands out by 4.3 : 1 from white and from GitHub's dark background: an `<img>` is not told which of them it is on. */
const INK = "#757b83";

/** Those of Okabe and Ito's colours that stand out by 3 : 1 from both. After the fourth line they come again, dashed, then dotted. */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
const DASHES = ["none", "7,4", "1,5"];

/** In pixels, but for the longest name that is not cut off, in ems. */
const TEXT = 13;
const TITLE = 16;
const ROW = 20;
const LEFT = 64;
const BOTTOM = 48;
const PANEL = 100;
const SAMPLE = 24;
const NAME = 16;
/** Between the frame and what stands on it. */
const GAP = 8;

/** Draws with Observable Plot. */
export function drawSvg(Plot: ObservablePlot, picture: Picture): string {
  const { lines, marks, logX, logY, fromZero, document } = picture;
  const size = sizeOf(picture);
  const axis = { grid: true, tickFormat: tick, label: null };
  const svg = Plot.plot({
    ...size,
    ...(document && { document }),
    style: { color: INK, fontSize: `${TEXT}px` },
    x: { ...axis, type: logX ? "log" : "linear" },
    y: { ...axis, type: logY ? "log" : "linear", zero: fromZero && !logY, nice: !logY },
    fx: { axis: null, padding: 0.14 },
    fy: { axis: null, padding: 0.3 },
    marks: [
      labels(Plot, picture, size.marginTop),
      lines.map((line, i) => lineMarks(Plot, line, i, picture)),
      marks.map((mark, i) => pointer(Plot, mark, (marks.length - i) * ROW + GAP)),
      hasLegend(picture) ? lines.map((line, i) => legendEntry(Plot, line, i)) : [],
    ],
  });
  if (!isElement(svg)) throw new TypeError(`${picture.owner}: Plot.plot must return an SVG element, got ${show(svg)}`);
  return serialize(svg, picture);
}

const isElement = (svg: unknown): boolean =>
  ["prepend", "setAttribute"].every((name) => isFunction(propertyOf(svg, name))) &&
  isFunction(propertyOf(propertyOf(svg, "ownerDocument"), "createElementNS"));

const hasLegend = ({ lines, columns }: Picture): boolean => lines.length > 1 && columns === undefined;

function sizeOf(picture: Picture) {
  const { title, lines, marks, columns, width, height } = picture;
  const panels = columns === undefined ? 0 : Math.ceil(lines.length / columns);
  const above = ROW * (marks.length + (panels > 0 ? 2 : 1)) + 2 * GAP;
  const marginTop = title === undefined ? above : above + 1.5 * TITLE;
  const longest = Math.max(...lines.map(({ name }) => name.length));
  return {
    width,
    height: height ?? (panels > 0 ? marginTop + BOTTOM + 1.5 * PANEL * panels : 400),
    marginTop,
    marginBottom: BOTTOM,
    marginLeft: LEFT,
    marginRight: hasLegend(picture) ? 2 * ROW + SAMPLE + Math.min(NAME, 0.6 * longest) * TEXT : ROW,
  };
}

/** The title and the names of the axes. */
function labels(Plot: ObservablePlot, picture: Picture, marginTop: number): object[] {
  const { title, xLabel, yLabel, columns, width } = picture;
  const above = columns === undefined ? GAP : GAP + ROW;
  const onTop = { facet: "super", frameAnchor: "top-left", dx: GAP - LEFT };
  const marks = [
    Plot.text([xLabel], { facet: "super", frameAnchor: "bottom", lineAnchor: "bottom", dy: BOTTOM - GAP }),
    Plot.text([yLabel], { ...onTop, lineAnchor: "bottom", dy: -above }),
  ];
  if (title === undefined) return marks;
  const cut = { lineWidth: (width - 2 * GAP) / TITLE, textOverflow: "ellipsis" };
  return [...marks, Plot.text([title], { ...onTop, ...cut, dy: GAP - marginTop, fontSize: TITLE, fontWeight: 600 })];
}

function lineMarks(Plot: ObservablePlot, { name, points }: Line, i: number, picture: Picture): object[] {
  const { columns, width, xLabel, yLabel, logX, hover } = picture;
  const panel = columns === undefined ? {} : { fx: () => i % columns, fy: () => Math.floor(i / columns) };
  const thinned = thin(points, width / (columns ?? 1), logX);
  const place = { ...panel, x: "x", y: "y" };
  const marks = [Plot.line(thinned, { ...place, ...stroke(columns === undefined ? i : 0), strokeWidth: 2 })];
  if (columns !== undefined) {
    const cut = { lineWidth: width / columns / TEXT, textOverflow: "ellipsis" };
    marks.push(
      Plot.text([name], { ...panel, ...cut, frameAnchor: "top-left", lineAnchor: "bottom", dy: -GAP, fontWeight: 600 }),
    );
  }
  if (hover) {
    const title = ({ x, y }: Point) => `${name}\n${xLabel} ${tick(x)}\n${yLabel} ${tick(y)}`;
    marks.push(Plot.dot(thinned.filter(isDrawn), { ...place, r: 5, fill: "transparent", stroke: "none", title }));
  }
  return marks;
}

const stroke = (i: number) => ({
  stroke: COLORS[i % COLORS.length],
  strokeDasharray: DASHES[Math.floor(i / COLORS.length) % DASHES.length],
});

/** A rule and, so far above the frame, its name: from left to right each rises less, so that no rule crosses a name. */
function pointer(Plot: ObservablePlot, { name, x }: Mark, rise: number): object[] {
  return [
    Plot.ruleX([x], { insetTop: -rise - TEXT, strokeDasharray: "4,3" }),
    Plot.text([`${name} ${short(x)}`], {
      x: [x],
      frameAnchor: "top",
      textAnchor: "start",
      lineAnchor: "bottom",
      dx: 5,
      dy: -rise,
    }),
  ];
}

function legendEntry(Plot: ObservablePlot, { name }: Line, i: number): object[] {
  const place = { frameAnchor: "top-right", dy: i * ROW };
  const shape = {
    draw(path: { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void }, length: number) {
      path.moveTo(0, 0);
      path.lineTo(0, -length);
    },
  };
  return [
    Plot.vector([0], {
      ...place,
      ...stroke(i),
      dx: ROW,
      shape,
      length: SAMPLE,
      rotate: 90,
      anchor: "start",
      strokeWidth: 2,
    }),
    Plot.text([name], {
      ...place,
      dx: ROW + SAMPLE + 8,
      textAnchor: "start",
      lineAnchor: "middle",
      lineWidth: NAME,
      textOverflow: "ellipsis",
    }),
  ];
}

const NAMESPACE = "http://www.w3.org/2000/svg";

/** What XML cannot hold, however it is written. */
const UNSPEAKABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** The element as XML, with a title and a description for those who do not see it. */
function serialize(svg: SvgElement, { title, lines, xLabel, yLabel }: Picture): string {
  const described = `${yLabel} over ${xLabel}`;
  const texts = { title: title ?? described, desc: `${described}: ${lines.map(({ name }) => name).join(", ")}` };
  const elements = Object.entries(texts).map(([name, textContent]) =>
    Object.assign(svg.ownerDocument.createElementNS(NAMESPACE, name), { textContent }),
  );
  svg.prepend(...elements);
  svg.setAttribute("xmlns", NAMESPACE);
  svg.setAttribute("role", "img");
  // A browser writes HTML, which has a name for what XML has none.
  return svg.outerHTML.replaceAll("&nbsp;", "\u00a0").replaceAll(UNSPEAKABLE, "");
}
