import { cospi } from "./cospi.ts";
import { ln } from "./ln.ts";
import { threefry } from "./threefry.ts";

const words = new Uint32Array(2);
const WORD = 2 ** -32;

/** A word as a number strictly between 0 and 1. */
const open = (word: number): number => (word + 0.5) * WORD;

/**
 * A number from the uniform distribution over (0, 1), the same for the same counter and key: a multiple of 2^-33 that is never an end.
 * The mirror of Random in assembly/math/random.ts.
 */
export function uniform(x0: number, x1: number, k0: number, k1: number): number {
  threefry(x0, x1, k0, k1, words);
  return open(words[0]);
}

/**
 * A number from the standard normal distribution, the same for the same counter and key: Box & Muller's cosine (1958). None is further
 * from 0 than 6.77, which befalls one in 10^11.
 */
export function gaussian(x0: number, x1: number, k0: number, k1: number): number {
  threefry(x0, x1, k0, k1, words);
  return Math.sqrt(-2 * ln(open(words[0]))) * cospi(words[1] * (2 * WORD));
}
