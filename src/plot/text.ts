import { show } from "../common/options.ts";
import { extent, type Figure, isDrawn, type Line, type Mark, short } from "./figure.ts";
import type { Asciichart } from "./peers.ts";

export interface Chart extends Figure {
  readonly width: number;
  readonly height: number;
  readonly color: boolean;
}

const COLORS = ["green", "blue", "red", "magenta", "cyan", "yellow"] as const;
/** What tells lines apart where there are no colours. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** Where on an axis a value lies, from 0 to 1, and which value lies there. */
interface Scale {
  share(value: number): number;
  value(share: number): number;
}

/** How a line's characters are written. */
type Pen = (character: string) => string;

/** Draws with asciichart. */
export function drawText(asciichart: Asciichart, chart: Chart): string {
  const { title, lines, yLabel, columns } = chart;
  const head = title === undefined ? [yLabel] : [title, yLabel];
  if (columns === undefined) return [...head, ...together(asciichart, chart)].join("\n");
  const panels = lines.map((line) => [line.name, ...panel(asciichart, chart, [line], [(character) => character])]);
  const rows = panels.map((_, i) => (i % columns === 0 ? ["", ...sideBySide(panels.slice(i, i + columns))] : []));
  return [...head, ...rows.flat()].join("\n");
}

function together(asciichart: Asciichart, chart: Chart): string[] {
  const { owner, lines, color } = chart;
  const pens = lines.map((_, i): Pen => {
    if (color) return penOf(owner, asciichart, COLORS[i % COLORS.length]);
    return (character) => (lines.length === 1 ? character : LETTERS[i % LETTERS.length]);
  });
  const rows = panel(asciichart, chart, lines, pens);
  if (lines.length === 1) return rows;
  return [...rows, "", lines.map(({ name }, i) => `${pens[i]("─")} ${name}`).join("   ")];
}

function penOf(owner: string, asciichart: Asciichart, color: (typeof COLORS)[number]): Pen {
  const [before, after] = ([color, "reset"] as const).map((name) => {
    const sequence: unknown = asciichart[name];
    if (typeof sequence === "string") return sequence;
    throw new TypeError(`${owner}: asciichart.${name} must be a string, got ${show(sequence)}`);
  });
  return (character) => before + character + after;
}

/** The lines in their frame, what stands under the x axis below. */
function panel(asciichart: Asciichart, chart: Chart, lines: readonly Line[], pens: readonly Pen[]): string[] {
  const { width } = chart;
  const x = scaleOf(chart, "x", chart.logX);
  const y = scaleOf(chart, "y", chart.logY);
  const layers = lines.flatMap((line, i) =>
    waysOf(placesOf(line, x, y, width)).map((way) => ({
      pen: pens[i],
      rows: rowsOf(asciichart, chart, sharesOf(way, width), y),
    })),
  );
  const margin = Math.max(...layers[0].rows.map(({ label }) => label.length));
  const rows = layers[0].rows.map(({ label, axis }, row) => {
    const cells = Array.from({ length: width }, (_, column) => {
      const top = layers.findLast(({ rows }) => rows[row].cells[column] !== " ");
      return top ? top.pen(top.rows[row].cells[column]) : " ";
    });
    return label.padStart(margin) + axis + cells.join("").trimEnd();
  });
  const under = [xAxis(chart, x), ...chart.marks.map((mark) => pointer(mark, x, width))];
  return [...rows, ...under.map((line) => " ".repeat(margin + 1) + line)];
}

function scaleOf({ lines, fromZero, marks }: Chart, axis: "x" | "y", log: boolean): Scale {
  const values = lines.flatMap(({ points }) => points.filter(isDrawn).map((point) => point[axis]));
  if (axis === "x") values.push(...marks.map(({ x }) => x));
  if (axis === "y" && fromZero && !log) values.push(0);
  const place = log ? Math.log10 : (value: number) => value;
  const [low, high] = extent(values).map(place);
  // What is all the same lies in the middle.
  const from = low < high ? low : low - (Math.abs(low) || 1);
  const range = low < high ? high - low : 2 * (Math.abs(low) || 1);
  const value = (share: number) => from + share * range;
  return {
    share: (value) => (place(value) - from) / range,
    value: log ? (share) => 10 ** value(share) : value,
  };
}

interface Place {
  readonly column: number;
  readonly share: number;
}

/** Undefined where there is a gap. */
type Places = readonly (Place | undefined)[];

const placesOf = ({ points }: Line, x: Scale, y: Scale, width: number): Places =>
  points.map((point) =>
    isDrawn(point) ? { column: Math.round(x.share(point.x) * (width - 1)), share: y.share(point.y) } : undefined,
  );

/** A line cut where it turns round, for asciichart knows one value a column. */
function waysOf(places: Places): Places[] {
  const ways: Places[] = [];
  let start = 0;
  let direction = 0;
  let before: Place | undefined;
  places.forEach((here, i) => {
    const way = here && before ? Math.sign(here.column - before.column) : 0;
    if (way * direction < 0) {
      ways.push(places.slice(start, i));
      start = i - 1;
    }
    direction = way || direction;
    before = here ?? before;
  });
  return [...ways, places.slice(start)];
}

/** Where the line is in every column, NaN where it is not. */
function sharesOf(places: Places, width: number): number[] {
  const shares = new Array<number>(width).fill(NaN);
  let before: Place | undefined;
  for (const here of places) {
    if (here && before) join(before, here, shares);
    if (here) shares[here.column] = here.share;
    before = here;
  }
  return shares;
}

function join(before: Place, here: Place, shares: number[]): void {
  const slope = (here.share - before.share) / (here.column - before.column);
  const way = Math.sign(here.column - before.column);
  for (let c = before.column + way; way * (here.column - c) > 0; c += way)
    shares[c] = before.share + slope * (c - before.column);
}

interface Row {
  readonly label: string;
  readonly axis: string;
  /** One a column, a space where the line is not. */
  readonly cells: readonly string[];
}

/** A line as asciichart draws it. That knows no gaps: in one the line stays where it was, and is wiped out. */
function rowsOf(asciichart: Asciichart, { owner, height }: Chart, shares: readonly number[], y: Scale): Row[] {
  let last = shares.find((share) => !Number.isNaN(share)) ?? 0;
  const filled = shares.map((share) => {
    if (!Number.isNaN(share)) last = share;
    return last * height;
  });
  // A label of one character would lie under the axis.
  const format = (level: number) => short(y.value(level / height)).padStart(2);
  // A character joins two values: one more than there are columns.
  const text: unknown = asciichart.plot([...filled, last * height], { height, min: 0, max: height, offset: 2, format });
  if (typeof text !== "string")
    throw new TypeError(`${owner}: asciichart.plot must return a string, got ${show(text)}`);
  return text.split("\n").map((row) => {
    const start = row.length - shares.length - 1;
    const cells = shares.map((share, column) => (Number.isNaN(share) ? " " : row[start + column]));
    return { label: row.slice(0, start - 1), axis: row[start - 1], cells };
  });
}

/** The ends of the axis and, where there is room, its name between them. */
function xAxis({ xLabel, width }: Chart, x: Scale): string {
  const [from, to] = [short(x.value(0)), short(x.value(1))];
  const room = Math.max(width - from.length - to.length, 1);
  const label = xLabel.length + 2 <= room ? xLabel : "";
  const before = Math.floor((room - label.length) / 2);
  return from + " ".repeat(before) + label + " ".repeat(room - label.length - before) + to;
}

/** An arrow to a mark's column and, on the side where there is more room, its name. */
function pointer({ name, x }: Mark, scale: Scale, width: number): string {
  const column = Math.round(scale.share(x) * (width - 1));
  const text = `${name} ${short(x)}`;
  return column < width / 2 ? `${" ".repeat(column)}↑ ${text}` : `${text} ↑`.padStart(column + 1);
}

function sideBySide(panels: readonly (readonly string[])[]): string[] {
  const widths = panels.map((rows) => Math.max(...rows.map((row) => row.length)) + 3);
  return panels[0].map((_, row) =>
    panels
      .map((rows, i) => rows[row].padEnd(widths[i]))
      .join("")
      .trimEnd(),
  );
}
