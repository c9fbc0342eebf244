export type Dtype = "f32" | "f64";
export type FloatArray = Float32Array | Float64Array;
/** Rounds to the dtype: `Math.fround`, or the identity for f64. */
export type Round = (x: number) => number;

/** Sizes of the dimensions, outermost first; `[]` is one number. */
export type Shape = readonly number[];

/** The last two dimensions of a tensor, and how many such matrices it is a stack of. */
export interface Matrix {
  readonly stack: number;
  readonly rows: number;
  readonly columns: number;
}

/** Of a shape of two dimensions or more. */
export function matrixOf(shape: Shape): Matrix {
  const [rows, columns] = shape.slice(-2);
  return { stack: shape.slice(0, -2).reduce((a, b) => a * b, 1), rows, columns };
}
