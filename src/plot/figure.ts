export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Points that are joined in their order; where one has a NaN there is a gap. */
export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

/** A place on the x axis. */
export interface Mark {
  readonly name: string;
  readonly x: number;
}

/** What is drawn, whoever draws it. */
export interface Figure {
  /** Who was asked for it, as messages say. */
  readonly owner: string;
  readonly title: string | undefined;
  readonly lines: readonly Line[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly logX: boolean;
  readonly logY: boolean;
  /** From left to right. */
  readonly marks: readonly Mark[];
  /** How many panels stand in a row, one a line; undefined for one panel with all lines. */
  readonly columns: number | undefined;
  /** Whether 0 is on the y axis in any case, unless that is logarithmic. */
  readonly fromZero: boolean;
}

export const isDrawn = ({ x, y }: Point): boolean => !Number.isNaN(x) && !Number.isNaN(y);

/** The least and the greatest. */
export const extent = (values: readonly number[]): readonly [number, number] =>
  values.reduce<[number, number]>(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity]);

/** A number as it stands at an axis. */
export function tick(x: number): string {
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return Number(x.toPrecision(6)).toExponential();
  return x.toLocaleString("en-US", { maximumSignificantDigits: 6 });
}

/** A number that stands alone, to three digits. */
export const short = (x: number): string => tick(Number(x.toPrecision(3)));
