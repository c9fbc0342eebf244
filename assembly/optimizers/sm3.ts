import { Lanes } from "../elementwise";

@unmanaged
class Descent<T extends number> {
  /** m ← momentum · m + keep · g / √(square + eps), 0 / 0 being 0; p ← p − rate · m */
  @inline static of<T extends number>(
    full: bool, p: usize, m: usize, grad: v128, square: v128, rate: v128, momentum: v128, keep: v128, eps: v128
  ): void {
    const quotient = v128.div<T>(grad, v128.sqrt<T>(v128.add<T>(square, eps)));
    const direction = v128.andnot(quotient, v128.eq<T>(square, i64x2.splat(0)));
    const mean = v128.add<T>(v128.mul<T>(momentum, Lanes.read<T>(m, full)), v128.mul<T>(keep, direction));
    Lanes.write<T>(m, mean, full);
    Lanes.write<T>(p, v128.sub<T>(Lanes.read<T>(p, full), v128.mul<T>(rate, mean)), full);
  }
}

/** accumulator ← accumulator + g², which is the square */
@final @unmanaged
class Sm3<T extends number> {
  @inline update(
    full: bool, p: usize, g: usize, accumulator_0: usize, momentum_buffer: usize,
    rate: v128, momentum: v128, keep: v128, eps: v128
  ): void {
    const grad = Lanes.read<T>(g, full);
    const square = v128.add<T>(Lanes.read<T>(accumulator_0, full), v128.mul<T>(grad, grad));
    Lanes.write<T>(accumulator_0, square, full);
    Descent.of<T>(full, p, momentum_buffer, grad, square, rate, momentum, keep, eps);
  }
}

class Covers {
  /** Of all lanes. */
  @inline static largest<T extends number>(x: v128): T {
    let most = v128.extract_lane<T>(x, 0);
    const second = v128.extract_lane<T>(x, 1);
    if (most < second) most = second;
    if (sizeof<T>() == 4) {
      const third = v128.extract_lane<T>(x, 2), fourth = v128.extract_lane<T>(x, 3);
      if (most < third) most = third;
      if (most < fourth) most = fourth;
    }
    return most;
  }

  /**
   * A stack of matrices: the square of an element is the smaller of its row's and its column's, plus g²; then a row's or a column's is the
   * largest in it. `next` collects the columns' and is all 0 before and after. Maxima pass a NaN over: else their order would matter.
   */
  @inline static run<T extends number>(
    stack: usize, rows: usize, columns: usize, p: usize, g: usize, row: usize, column: usize, m: usize, next: usize, c: usize
  ): void {
    const rate = Lanes.splat<T>(c, 0), momentum = Lanes.splat<T>(c, 1), keep = Lanes.splat<T>(c, 2), eps = Lanes.splat<T>(c, 3);
    const zero = i64x2.splat(0);
    const size = columns * sizeof<T>();
    for (const end = column + stack * size; column < end; column += size) {
      for (const last = row + rows * sizeof<T>(); row < last; row += sizeof<T>()) {
        const cover = Lanes.splat<T>(row, 0);
        let most = zero;
        for (let x: usize = 0; x < size; ) {
          const full = x + 16 <= size;
          const grad = Lanes.read<T>(g, full);
          const square = v128.add<T>(v128.pmin<T>(cover, Lanes.read<T>(column + x, full)), v128.mul<T>(grad, grad));
          most = v128.pmax<T>(most, square);
          Lanes.write<T>(next + x, v128.pmax<T>(Lanes.read<T>(next + x, full), square), full);
          Descent.of<T>(full, p, m, grad, square, rate, momentum, keep, eps);
          const bytes = full ? <usize>16 : sizeof<T>();
          x += bytes;
          p += bytes;
          g += bytes;
          m += bytes;
        }
        store<T>(row, Covers.largest<T>(most));
      }
      for (let x: usize = 0; x < size; x += sizeof<T>()) {
        store<T>(column + x, load<T>(next + x));
        store<T>(next + x, <T>0);
      }
    }
  }
}

@final @unmanaged
class Sm3Matrix<T extends number> {
  @inline run(
    stack: usize, rows: usize, columns: usize,
    p: usize, g: usize, accumulator_0: usize, accumulator_1: usize, momentum_buffer: usize, next: usize, c: usize
  ): void {
    Covers.run<T>(stack, rows, columns, p, g, accumulator_0, accumulator_1, momentum_buffer, next, c);
  }
}

export type sm3<T extends number> = Sm3<T>;
export type sm3_matrix<T extends number> = Sm3Matrix<T>;
