/** Numbers as what they are in memory, in hexadecimal. */
export const bits = (values: Float32Array): string =>
  [...new Uint32Array(values.slice().buffer)].map((word) => word.toString(16).padStart(8, "0")).join(" ");
