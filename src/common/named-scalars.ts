import type { FloatArray } from "./types.ts";

export type Fields<N extends string> = { [K in N]: number };
export type NamedScalars<N extends string> = Fields<N> & { readonly values: FloatArray };

/** The largest number of f32, and its square, which f64 holds exactly. */
const LARGEST = 3.4028234663852886e38;
const SQUARE = LARGEST * LARGEST;

// Short, so that V8 inlines it and the setters of many scalars: what limits nothing is Infinity, and common.
const held = (values: FloatArray, value: number): number =>
  value * value > SQUARE && value - value === 0 ? limited(values, value) : value;

const limited = ({ BYTES_PER_ELEMENT }: FloatArray, value: number): number =>
  BYTES_PER_ELEMENT === 8 ? value : Math.sign(value) * LARGEST;

/**
 * A class whose fields are the elements of a typed array: written by name where the mathematics is, read by position where a kernel is
 * called, and filling it allocates nothing. Over a Float32Array it is also the one place where a scalar is rounded to f32: a finite one to
 * a finite one, for 0 times the others is NaN.
 */
export function namedScalars<N extends string>(names: readonly N[]): new (values: FloatArray) => NamedScalars<N> {
  class Named {
    readonly values: FloatArray;
    constructor(values: FloatArray) {
      this.values = values;
    }
  }
  names.forEach((name, i) => {
    Object.defineProperty(Named.prototype, name, {
      get(this: Named) {
        return this.values[i];
      },
      set(this: Named, value: number) {
        this.values[i] = held(this.values, value);
      },
    });
  });
  return Named as unknown as new (
    values: FloatArray,
  ) => NamedScalars<N>;
}
