import { Reduce, Itself, Square } from "../reduce";
import { Lanes } from "../elementwise";

// What is done to a gradient row by row, a row being all that belongs to one index of the first dimension.

/** g ← g − the row's mean */
@final @unmanaged
class CentralizeRows<T extends number> {
  @inline run(rows: usize, columns: usize, g: usize): void {
    const size = columns * sizeof<T>();
    for (const end = g + rows * size; g < end; g += size) {
      const mean = v128.splat<T>(<T>(Reduce.sum<Itself<T>, T>(columns, g, 0, 0, 0) / <f64>columns));
      for (let x = g; x < g + size; ) {
        const full = x + 16 <= g + size;
        Lanes.write<T>(x, v128.sub<T>(Lanes.read<T>(x, full), mean), full);
        x += full ? 16 : sizeof<T>();
      }
    }
  }
}

/** A row longer than factor · max(‖p row‖, 0.001) is brought down to that. */
@final @unmanaged
class ClipRows<T extends number> {
  @inline run(rows: usize, columns: usize, g: usize, p: usize, c: usize): void {
    const factor = <f64>load<T>(c);
    const size = columns * sizeof<T>();
    for (const end = g + rows * size; g < end; g += size, p += size) {
      const norm = Math.sqrt(Reduce.sum<Square<T>, T>(columns, g, 0, 0, 0));
      const most = factor * Math.max(Math.sqrt(Reduce.sum<Square<T>, T>(columns, p, 0, 0, 0)), 1e-3);
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

export type centralize_rows<T extends number> = CentralizeRows<T>;
export type clip_rows<T extends number> = ClipRows<T>;
