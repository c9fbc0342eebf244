import type { FloatArray } from "../common/types.ts";
import type { Operation } from "../kernels/backend.ts";
import { itself, squares, sumOfBlock } from "./reduce.ts";

// The mirror of assembly/ops/rows.ts.

/** g ← g − the row's mean */
export const centralizeRows: Operation<[rows: number, columns: number, g: FloatArray]> = {
  kernel: "centralize_rows",
  plain(round, rows, columns, g) {
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      const end = start + columns;
      const mean = round(sumOfBlock(itself, start, end, g) / columns);
      for (let i = start; i < end; i++) g[i] -= mean;
    }
  },
};

/** A row longer than factor[0] · max(‖p row‖, 0.001) is brought down to that. */
export const clipRows: Operation<[rows: number, columns: number, g: FloatArray, p: FloatArray, factor: FloatArray]> = {
  kernel: "clip_rows",
  plain(round, rows, columns, g, p, [factor]) {
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      const end = start + columns;
      const norm = Math.sqrt(sumOfBlock(squares.terms, start, end, g));
      const most = factor * Math.max(Math.sqrt(sumOfBlock(squares.terms, start, end, p)), 1e-3);
      if (!(norm > most)) continue;
      const scale = round(most / Math.max(norm, 1e-6));
      for (let i = start; i < end; i++) g[i] *= scale;
    }
  },
};
