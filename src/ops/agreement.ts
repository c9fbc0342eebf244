import type { FloatArray } from "../common/types.ts";
import type { Operation } from "../kernels/backend.ts";

/**
 * Zeroes the elements of a negated update whose sign is the gradient's; returns how many were kept. The mirror of Agreement in
 * assembly/ops/agreement.ts.
 */
export const keepAgreeing: Operation<[length: number, update: FloatArray, g: FloatArray], number> = {
  kernel: "keep_agreeing",
  plain(_, length, update, g) {
    let count = 0;
    for (let i = 0; i < length; i++) {
      if ((update[i] < 0 && g[i] > 0) || (update[i] > 0 && g[i] < 0)) count++;
      else update[i] *= 0; // Lets a NaN through.
    }
    return count;
  },
};
