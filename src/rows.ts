import type { FloatArray, Round } from "./backend.ts";
import { itself, square, sumOfBlock } from "./fold.ts";

// The mirror of assembly/rows.ts.

/** g ← g − the row's mean */
export function centralizeRows(rows: number, g: FloatArray, round: Round): void {
  const columns = g.length / rows;
  for (let start = 0; start < g.length; start += columns) {
    const end = start + columns;
    const mean = round(sumOfBlock(itself, g, start, end) / columns);
    for (let i = start; i < end; i++) g[i] -= mean;
  }
}

/** A row longer than factor · max(‖p row‖, 0.001) is brought down to that. */
export function clipRows(rows: number, g: FloatArray, p: FloatArray, factor: number, round: Round): void {
  const columns = g.length / rows;
  for (let start = 0; start < g.length; start += columns) {
    const end = start + columns;
    const norm = Math.sqrt(sumOfBlock(square, g, start, end));
    const most = factor * Math.max(Math.sqrt(sumOfBlock(square, p, start, end)), 1e-3);
    if (!(norm > most)) continue;
    const scale = round(most / Math.max(norm, 1e-6));
    for (let i = start; i < end; i++) g[i] *= scale;
  }
}
