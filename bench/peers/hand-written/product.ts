/** out ← a · b, square matrices, row by row of b: in the order in which it lies. */
export function product(side: number, a: Float32Array, b: Float32Array, out: Float32Array): void {
  const sums = new Float64Array(side);
  for (let i = 0; i < side; i++) {
    sums.fill(0);
    for (let t = 0; t < side; t++) {
      const factor = a[i * side + t];
      const row = t * side;
      for (let j = 0; j < side; j++) sums[j] += factor * b[row + j];
    }
    out.set(sums, i * side);
  }
}

/** out ← x · xᵀ, of which one half is worked out. */
export function gram(side: number, x: Float32Array, out: Float32Array): void {
  for (let i = 0; i < side; i++)
    for (let j = i; j < side; j++) {
      let sum = 0;
      for (let t = 0; t < side; t++) sum += x[i * side + t] * x[j * side + t];
      out[i * side + j] = sum;
      out[j * side + i] = sum;
    }
}
