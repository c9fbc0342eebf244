import { exp2 } from "../../src/math/exp2.ts";
import { log2 } from "../../src/math/log2.ts";

const logarithm = { hi: 0, lo: 0 };

/**
 * Turns `outputs` into their softmax and returns the cross-entropy, −ln of what it gives to `label`. With the library's own exp2 and
 * log2: the host's `Math.exp` and `Math.log` are not the same bits on every engine.
 */
export function softmax(outputs: Float64Array, label: number): number {
  let max = -Infinity;
  for (let c = 0; c < outputs.length; c++) max = Math.max(max, outputs[c]);
  const own = outputs[label] - max;
  let sum = 0;
  for (let c = 0; c < outputs.length; c++) {
    outputs[c] = exp2((outputs[c] - max) * Math.LOG2E);
    sum += outputs[c];
  }
  for (let c = 0; c < outputs.length; c++) outputs[c] /= sum;
  return Number.isNaN(sum) ? NaN : log2(sum, logarithm).hi * Math.LN2 - own;
}
