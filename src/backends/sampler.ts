import { lengthOf } from "../common/realm.ts";
import type { Curve, Sampler } from "../kernels/backend.ts";
import { sampleEach } from "./plain.ts";

export type Kernel = (...args: number[]) => number;

/** What a kernel may read beyond the last value, a vector being two of them. */
const MARGIN = 2;

/**
 * A curve's values, a stretch at a time. The memory is cut into as many rows as curves lie within each other, so that what is combined with
 * a stretch has the same place in the next row; a list that a kernel needs lies behind them.
 */
export function sample(
  kernels: Readonly<Record<string, Kernel>>,
  buffer: ArrayBuffer,
  curve: Curve,
  start: number,
  out: Float64Array,
): void {
  const memory = new Float64Array(buffer);
  const room = memory.length - curve.list - MARGIN;
  // A list that leaves no room for values: the same bits, one by one.
  if (room < memory.length / 2) {
    sampleEach(curve, start, out);
    return;
  }
  const row = Math.floor(room / curve.depth);
  const sampler: Sampler = {
    run(kernel, start, out, args, list) {
      const { length, byteOffset } = out;
      if (list === undefined) kernels[kernel](length, byteOffset, start, ...args);
      else {
        memory.set(list, room);
        kernels[kernel](length, byteOffset, start, room * 8, list.length, ...args);
      }
    },
    beside: ({ byteOffset, length }) => new Float64Array(buffer, byteOffset + row * 8, length),
    multiply: ({ length, byteOffset }, by) => kernels.product(length, byteOffset, by.byteOffset),
    clamp: ({ length, byteOffset }, min, max) => kernels.clamp(length, byteOffset, min, max),
  };
  for (let done = 0; done < out.length; done += row) {
    const values = memory.subarray(0, Math.min(row, out.length - done));
    curve.write(start + done, values, sampler);
    // A function of the user's may have shortened it, which the caller finds out.
    if (lengthOf(out) < done + values.length) return;
    out.set(values, done);
  }
}
