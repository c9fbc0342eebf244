import { Fold, Itself, Square } from "./fold";
import { Lanes } from "./sweep";

// What is done to a gradient row by row, a row being all that belongs to one index of the first dimension.

class Rows {
  /** g ← g − the row's mean */
  @inline static centralize<T extends number>(rows: usize, columns: usize, g: usize): void {
    const size = columns * sizeof<T>();
    for (const end = g + rows * size; g < end; g += size) {
      const mean = v128.splat<T>(<T>(Fold.sum<Itself<T>, T>(columns, g, 0, 0, 0) / <f64>columns));
      for (let x = g; x < g + size; ) {
        const full = x + 16 <= g + size;
        Lanes.write<T>(x, v128.sub<T>(Lanes.read<T>(x, full), mean), full);
        x += full ? 16 : sizeof<T>();
      }
    }
  }

  /** A row longer than factor · max(‖p row‖, 0.001) is brought down to that. */
  @inline static clip<T extends number>(rows: usize, columns: usize, g: usize, p: usize, c: usize): void {
    const factor = <f64>load<T>(c);
    const size = columns * sizeof<T>();
    for (const end = g + rows * size; g < end; g += size, p += size) {
      const norm = Math.sqrt(Fold.sum<Square<T>, T>(columns, g, 0, 0, 0));
      const most = factor * Math.max(Math.sqrt(Fold.sum<Square<T>, T>(columns, p, 0, 0, 0)), 1e-3);
      if (!(norm > most)) continue;
      const scale = v128.splat<T>(<T>(most / Math.max(norm, 1e-6)));
      for (let x = g; x < g + size; ) {
        const full = x + 16 <= g + size;
        Lanes.write<T>(x, v128.mul<T>(Lanes.read<T>(x, full), scale), full);
        x += full ? 16 : sizeof<T>();
      }
    }
  }
}

export function centralize_rows_f32(rows: usize, columns: usize, g: usize): void { Rows.centralize<f32>(rows, columns, g); }
export function centralize_rows_f64(rows: usize, columns: usize, g: usize): void { Rows.centralize<f64>(rows, columns, g); }
export function clip_rows_f32(rows: usize, columns: usize, g: usize, p: usize, factor: usize): void { Rows.clip<f32>(rows, columns, g, p, factor); }
export function clip_rows_f64(rows: usize, columns: usize, g: usize, p: usize, factor: usize): void { Rows.clip<f64>(rows, columns, g, p, factor); }
