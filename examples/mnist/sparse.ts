/** A matrix without its zeros: row `i` is the entries `starts[i]` to `starts[i + 1]`. */
export interface Sparse {
  readonly starts: Uint32Array;
  readonly columns: Uint16Array;
  readonly values: Float32Array;
}

/** Room for a matrix with so many rows and entries, in memory that workers can share. */
export function sparse(rows: number, entries: number): Sparse {
  return {
    starts: new Uint32Array(new SharedArrayBuffer(4 * (rows + 1))),
    columns: new Uint16Array(new SharedArrayBuffer(2 * entries)),
    values: new Float32Array(new SharedArrayBuffer(4 * entries)),
  };
}

/** Writes the given rows of `matrix` to `out`. */
export function gather(matrix: Sparse, rows: Uint32Array, out: Sparse): void {
  let end = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let k = matrix.starts[rows[i]]; k < matrix.starts[rows[i] + 1]; k++) {
      out.columns[end] = matrix.columns[k];
      out.values[end++] = matrix.values[k];
    }
    out.starts[i + 1] = end;
  }
}

/** The given rows of `matrix`, `width` columns wide, with their zeros. */
export function dense({ starts, columns, values }: Sparse, rows: Uint32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    for (let k = starts[rows[i]]; k < starts[rows[i] + 1]; k++) out[i * width + columns[k]] = values[k];
  }
  return out;
}

/** Writes the transpose of the first `rows` rows of `matrix` to `out`, each of its rows in ascending order. */
export function transpose(matrix: Sparse, rows: number, out: Sparse): void {
  const { starts, columns, values } = matrix;
  const next = out.starts;
  next.fill(0);
  for (let k = 0; k < starts[rows]; k++) next[columns[k] + 1]++;
  for (let i = 1; i < next.length; i++) next[i] += next[i - 1];
  for (let i = rows - 1; i >= 0; i--) {
    for (let k = starts[i]; k < starts[i + 1]; k++) {
      const to = --next[columns[k] + 1];
      out.columns[to] = i;
      out.values[to] = values[k];
    }
  }
  // Filled from their ends, the rows have moved by one place.
  next.copyWithin(0, 1);
  next[next.length - 1] = starts[rows];
}

/**
 * out = matrix · dense, for the first `rows` rows, `dense` being `width` columns wide, a multiple of 8. Eight sums at a time, in
 * f64 and rounded once, stay in registers.
 */
export function product(matrix: Sparse, rows: number, dense: Float32Array, width: number, out: Float32Array): void {
  const { starts, columns, values } = matrix;
  for (let i = 0; i < rows; i++) {
    const start = starts[i];
    const end = starts[i + 1];
    for (let j = 0; j < width; j += 8) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let s4 = 0;
      let s5 = 0;
      let s6 = 0;
      let s7 = 0;
      for (let k = start; k < end; k++) {
        const value = values[k];
        const d = columns[k] * width + j;
        s0 += value * dense[d];
        s1 += value * dense[d + 1];
        s2 += value * dense[d + 2];
        s3 += value * dense[d + 3];
        s4 += value * dense[d + 4];
        s5 += value * dense[d + 5];
        s6 += value * dense[d + 6];
        s7 += value * dense[d + 7];
      }
      const o = i * width + j;
      out[o] = s0;
      out[o + 1] = s1;
      out[o + 2] = s2;
      out[o + 3] = s3;
      out[o + 4] = s4;
      out[o + 5] = s5;
      out[o + 6] = s6;
      out[o + 7] = s7;
    }
  }
}
