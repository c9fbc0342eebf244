import type { FloatArray } from "../backend.ts";
import type { Tensor } from "../params.ts";
import type { Vectors } from "./vectors.ts";

/** One parameter and its part of the vectors. */
export interface Part {
  readonly name: string;
  readonly p: FloatArray;
  readonly g: FloatArray;
  /** Where its values go back to, if anywhere. */
  readonly back: FloatArray | undefined;
}

/** The parameters' parts, with the values that they were given. */
export function partsOf(list: readonly Tensor[], { p, g }: Vectors, inPlace: boolean): Part[] {
  let end = 0;
  return list.map(({ name, length, source }) => {
    const start = end;
    end += length;
    const part = { name, p: p.subarray(start, end), g: g.subarray(start, end), back: inPlace ? source : undefined };
    if (source) part.p.set(source);
    return part;
  });
}

/** Copies results back into the arrays given as parameters, where that was asked for. */
export function copyOut(parts: readonly Part[]): void {
  for (const { p, back } of parts) back?.set(p);
}
