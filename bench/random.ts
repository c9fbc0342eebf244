import type { Timed } from "./cases.ts";

/** Fills parameters and gradients, and gives the optimizer back. */
export function seeded(optimizer: Timed): Timed {
  for (const [i, x] of [...optimizer.params, ...optimizer.grads].entries()) fillUniform(x, 1 + i);
  return optimizer;
}

/** Fills with seeded numbers in [-1, 1), the same in every run: mulberry32. */
export function fillUniform(x: Float32Array, seed: number): Float32Array {
  let state = seed;
  for (let i = 0; i < x.length; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    x[i] = ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  }
  return x;
}
