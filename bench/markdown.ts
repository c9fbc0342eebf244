/** A table that is readable as it stands and renders as Markdown. */
export function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(header), rule, ...rows.map(line)].join("\n");
}

const NONE = "–";

export const count = (n: number): string => n.toLocaleString("en");

export const nanoseconds = (x: number | undefined): string => (x === undefined ? NONE : x.toPrecision(3));

export const ratio = (a: number, b: number | undefined): string => (b === undefined ? NONE : (a / b).toFixed(2));
