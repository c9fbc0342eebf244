import type { FloatArray } from "../../common/types.ts";
import type { Tensor } from "../../memory/tensors.ts";
import type { Vectors } from "./vectors.ts";

/** One parameter and its part of the vectors. */
export interface Part {
  readonly name: string;
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly source: FloatArray | undefined;
}

/** The parameters' parts, with the values that they were given. */
export function partsOf(list: readonly Tensor[], { p, g }: Vectors): Part[] {
  let end = 0;
  return list.map(({ name, length, source }) => {
    const start = end;
    end += length;
    const part = { name, p: p.subarray(start, end), g: g.subarray(start, end), source };
    if (source && length > 0) part.p.set(source);
    return part;
  });
}
