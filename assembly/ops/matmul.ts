import { Lanes } from "../elementwise";

// Products of matrices that lie row after row. An element is one sum from its first term to its last in the dtype, every product and every
// sum rounded: vectors run along the columns, so neither they nor tiles have a say in its bits.

/** Bytes of a row of a panel or of a tile: two vectors. */
const WIDTH: usize = 32;
/** Rows of a tile: with two vectors of each and what they are made of, as much as sixteen registers hold. */
const HEIGHT: usize = 4;

/** a · b; or of one matrix, then both factors, x · xᵀ or xᵀ · x. The mirror of Form in src/ops/matmul.ts. */
const enum Form { AB, XXT, XTX }

class Matmul {
  /** panel ← as many columns of b as fit, `width` bytes of it there; the rest 0. `row` and `column` are the ways to the next of b. */
  @inline static pack<T extends number>(k: usize, width: usize, b: usize, row: usize, column: usize, panel: usize): void {
    for (const end = panel + k * WIDTH; panel < end; panel += WIDTH, b += row) {
      let from = b;
      for (let x: usize = 0; x < WIDTH; x += sizeof<T>(), from += column) store<T>(panel + x, x < width ? load<T>(from) : <T>0);
    }
  }

  /** tile ← the rows of a at `a` to `d` · panel; `step` is the way to the next in a row. */
  @inline static tile<T extends number>(k: usize, a: usize, b: usize, c: usize, d: usize, step: usize, panel: usize, tile: usize): void {
    const zero = i64x2.splat(0);
    let a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero;
    for (const end = panel + k * WIDTH; panel < end; panel += WIDTH) {
      const left = v128.load(panel), right = v128.load(panel, 16);
      let x = Lanes.splat<T>(a, 0);
      a0 = v128.add<T>(a0, v128.mul<T>(x, left));
      a1 = v128.add<T>(a1, v128.mul<T>(x, right));
      x = Lanes.splat<T>(b, 0);
      b0 = v128.add<T>(b0, v128.mul<T>(x, left));
      b1 = v128.add<T>(b1, v128.mul<T>(x, right));
      x = Lanes.splat<T>(c, 0);
      c0 = v128.add<T>(c0, v128.mul<T>(x, left));
      c1 = v128.add<T>(c1, v128.mul<T>(x, right));
      x = Lanes.splat<T>(d, 0);
      d0 = v128.add<T>(d0, v128.mul<T>(x, left));
      d1 = v128.add<T>(d1, v128.mul<T>(x, right));
      a += step;
      b += step;
      c += step;
      d += step;
    }
    v128.store(tile, a0);
    v128.store(tile, a1, 16);
    v128.store(tile, b0, 32);
    v128.store(tile, b1, 48);
    v128.store(tile, c0, 64);
    v128.store(tile, c1, 80);
    v128.store(tile, d0, 96);
    v128.store(tile, d1, 112);
  }

  /** out ← keep · d + scale · tile, `width` bytes of each of `rows` rows that lie `row` bytes apart; a keep of 0 leaves d unread. */
  @inline static finish<T extends number>(
    rows: usize, width: usize, row: usize, d: usize, out: usize, tile: usize, keep: v128, scale: v128
  ): void {
    const keeps = v128.any_true(v128.ne<T>(keep, i64x2.splat(0)));
    for (const end = tile + rows * WIDTH; tile < end; tile += WIDTH, d += row, out += row)
      for (let x: usize = 0; x < width; ) {
        const full = x + 16 <= width;
        let value = v128.mul<T>(scale, Lanes.read<T>(tile + x, full));
        if (keeps) value = v128.add<T>(v128.mul<T>(keep, Lanes.read<T>(d + x, full)), value);
        Lanes.write<T>(out + x, value, full);
        x += full ? 16 : sizeof<T>();
      }
  }

  /** What lies below the diagonal becomes what lies above. */
  @inline static mirror<T extends number>(n: usize, out: usize): void {
    const size = sizeof<T>();
    for (let i: usize = 1; i < n; i++)
      for (let j: usize = 0; j < i; j++) store<T>(out + (i * n + j) * size, load<T>(out + (j * n + i) * size));
  }

  /**
   * out ← keep · d + scale · (a · b), m · n elements, panel of columns by panel. A tile's four rows are always worked out, the last of a as
   * often as rows lack. Of a symmetric product no tile that lies below the diagonal is.
   */
  @inline static run<T extends number>(
    form: i32, m: usize, n: usize, k: usize, a: usize, b: usize, d: usize, out: usize, c: usize, panel: usize
  ): void {
    const keep = Lanes.splat<T>(c, 0), scale = Lanes.splat<T>(c, 1);
    const one = sizeof<T>(), size = n * one;
    const line = form == Form.XTX ? one : k * one, step = form == Form.XTX ? size : one;
    const row = form == Form.XXT ? one : size, column = form == Form.XXT ? k * one : one;
    const tile = panel + k * WIDTH;
    const last = a + (m - 1) * line;
    for (let x: usize = 0; x < size; x += WIDTH, b += (WIDTH / one) * column) {
      const width = min<usize>(WIDTH, size - x);
      Matmul.pack<T>(k, width, b, row, column, panel);
      const rows = form == Form.AB ? m : (x + width) / one;
      let at = a;
      for (let i: usize = 0; i < rows; i += HEIGHT, at += HEIGHT * line) {
        Matmul.tile<T>(k, at, min(at + line, last), min(at + 2 * line, last), min(at + 3 * line, last), step, panel, tile);
        Matmul.finish<T>(min<usize>(HEIGHT, m - i), width, size, d + i * size + x, out + i * size + x, tile, keep, scale);
      }
    }
    if (form != Form.AB) Matmul.mirror<T>(n, out);
  }
}

@final @unmanaged
class Product<T extends number> {
  @inline run(
    form: i32, m: usize, n: usize, k: usize, a: usize, b: usize, d: usize, out: usize, c: usize, panel: usize
  ): void {
    Matmul.run<T>(form, m, n, k, a, b, d, out, c, panel);
  }
}

export type matmul<T extends number> = Product<T>;
