import { Square } from "../reduce";
import { Lanes } from "../elementwise";

@unmanaged
class Preconditioned<T extends number> {
  /** p − g / √max(variance, floor); with the variance as the first operand a NaN comes through. */
  @inline static of<T extends number>(p: v128, g: v128, variance: v128, floor: v128): v128 {
    return v128.sub<T>(p, v128.div<T>(g, v128.sqrt<T>(v128.pmax<T>(variance, floor))));
  }
}

/** variance ← keep · variance + share · g²; p ← p − g / √max(variance, floor) */
@final @unmanaged
class Adafactor<T extends number> {
  @inline update(full: bool, p: usize, g: usize, variance: usize, keep: v128, share: v128, floor: v128): void {
    const grad = Lanes.read<T>(g, full);
    const square = v128.add<T>(v128.mul<T>(keep, Lanes.read<T>(variance, full)), v128.mul<T>(share, v128.mul<T>(grad, grad)));
    Lanes.write<T>(variance, square, full);
    Lanes.write<T>(p, Preconditioned.of<T>(Lanes.read<T>(p, full), grad, square, floor), full);
  }
}

/** The same for matrices: the variance of an element is its row's mean square, over the mean of those, times its column's. */
class Factored {
  /** The moment at `at` ← keep · itself + share · mean */
  @inline static moment<T extends number>(at: usize, keep: T, share: T, mean: f64): void {
    store<T>(at, <T>(keep * load<T>(at) + share * <T>mean));
  }

  /** Adds a row's squares to the columns' sums, f64s at `sums`, and returns their own, even ones and odd ones apart. */
  @inline static add<T extends number>(columns: usize, g: usize, sums: usize): f64 {
    const size = sizeof<T>();
    const end = g + columns * size;
    let pair = f64x2.splat(0);
    for (; g + 2 * size <= end; g += 2 * size, sums += 16) {
      const squares = changetype<Square<T>>(0).pair(g, 0, 0, 0);
      pair = f64x2.add(pair, squares);
      v128.store(sums, f64x2.add(v128.load(sums), squares));
    }
    const sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
    if (g == end) return sum;
    const square = changetype<Square<T>>(0).one(g, 0, 0, 0);
    store<f64>(sums, load<f64>(sums) + square);
    return sum + square;
  }

  /** `sums` is all 0 before and after. */
  @inline static moments<T extends number>(
    rows: usize, columns: usize, g: usize, row_var: usize, col_var: usize, sums: usize, keep: T, share: T
  ): void {
    const size = sizeof<T>();
    for (const end = row_var + rows * size; row_var < end; row_var += size, g += columns * size)
      Factored.moment<T>(row_var, keep, share, Factored.add<T>(columns, g, sums) / <f64>columns);
    for (const end = col_var + columns * size; col_var < end; col_var += size, sums += 8) {
      Factored.moment<T>(col_var, keep, share, load<f64>(sums) / <f64>rows);
      store<f64>(sums, 0);
    }
  }

  @inline static descend<T extends number>(
    rows: usize, columns: usize, p: usize, g: usize, row_var: usize, col_var: usize, least: T, floor: T
  ): void {
    const size = columns * sizeof<T>();
    const end = row_var + rows * sizeof<T>();
    let sum: f64 = 0;
    for (let x = row_var; x < end; x += sizeof<T>()) sum += <f64>load<T>(x);
    const mean = <T>Math.max(sum / <f64>rows, <f64>least);
    const floors = v128.splat<T>(floor);
    for (; row_var < end; row_var += sizeof<T>()) {
      const factor = v128.splat<T>(<T>(load<T>(row_var) / mean));
      for (let x: usize = 0; x < size; ) {
        const full = x + 16 <= size;
        const variance = v128.mul<T>(factor, Lanes.read<T>(col_var + x, full));
        Lanes.write<T>(p + x, Preconditioned.of<T>(Lanes.read<T>(p + x, full), Lanes.read<T>(g + x, full), variance, floors), full);
        x += full ? 16 : sizeof<T>();
      }
      p += size;
      g += size;
    }
  }

  @inline static run<T extends number>(
    stack: usize, rows: usize, columns: usize, p: usize, g: usize, row_var: usize, col_var: usize, sums: usize, c: usize
  ): void {
    const size = sizeof<T>();
    const keep = load<T>(c), share = load<T>(c + size), floor = load<T>(c + 2 * size), least = load<T>(c + 3 * size);
    for (let i: usize = 0; i < stack; i++) {
      Factored.moments<T>(rows, columns, g, row_var, col_var, sums, keep, share);
      Factored.descend<T>(rows, columns, p, g, row_var, col_var, least, floor);
      p += rows * columns * size;
      g += rows * columns * size;
      row_var += rows * size;
      col_var += columns * size;
    }
  }
}

@final @unmanaged
class AdafactorMatrix<T extends number> {
  @inline run(
    stack: usize, rows: usize, columns: usize, p: usize, g: usize, row_var: usize, col_var: usize, sums: usize, c: usize
  ): void {
    Factored.run<T>(stack, rows, columns, p, g, row_var, col_var, sums, c);
  }
}

export type adafactor<T extends number> = Adafactor<T>;
export type adafactor_matrix<T extends number> = AdafactorMatrix<T>;
