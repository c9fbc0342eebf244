import { namedScalars } from "../common/named-scalars.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import type { Backend, Operation } from "../kernels/backend.ts";
import { gaussian } from "../math/random.ts";
import { threefry } from "../math/threefry.ts";

const WORD = 2 ** 32;
const HALF = 2 ** 16;

/** What the kernel reads from memory. The update's index is in two halves, which f32 holds exactly. */
const NoiseRecord = namedScalars(["deviation", "low", "high"]);
export const NOISE = 3;

/** Adds to every element what belongs to it at an update. The mirror of assembly/ops/noise.ts. */
const addNoise: Operation<[length: number, g: FloatArray, k0: number, k1: number, c: FloatArray, size: number]> = {
  kernel: "add_noise",
  plain(round, length, g, k0, k1, c) {
    const deviation = c[0];
    const update = c[1] + c[2] * HALF;
    for (let i = 0; i < length; i++) g[i] += round(deviation * gaussian(i, update, k0, k1));
  },
};

export type NoiseKey = readonly [k0: number, k1: number];

/**
 * The key of a tensor's own stream: the seed with the name folded in unit by unit, so that neither the other tensors nor how they are
 * grouped or ordered has a say.
 */
export function noiseKey(seed: number, name: string): NoiseKey {
  const key = Uint32Array.of(seed % WORD, Math.floor(seed / WORD));
  // Counted from above: no element of a stream has that counter.
  for (let i = 0; i < name.length; i++) threefry(name.charCodeAt(i), WORD - 1 - i, key[0], key[1], key);
  return [key[0], key[1]];
}

/** Binds what adds normal noise to `g`: its standard deviation, and the 0-based index of the update. */
export function noiseAdder(
  backend: Backend,
  dtype: Dtype,
  g: FloatArray,
  scalars: FloatArray,
  [k0, k1]: NoiseKey,
): (deviation: number, k: number) => void {
  const c = new NoiseRecord(scalars);
  const add = backend.operation(addNoise, dtype, g.length, g, k0, k1, scalars, g.BYTES_PER_ELEMENT);
  return (deviation, k) => {
    c.deviation = deviation;
    c.low = k % HALF;
    c.high = Math.floor(k / HALF) % HALF;
    add();
  };
}
