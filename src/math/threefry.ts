/**
 * Threefry-2x32 with 20 rounds: 64 random bits for every counter and key, from additions, rotations and exclusive ors (Salmon et al. 2011,
 * "Parallel random numbers: as easy as 1, 2, 3"; the generator of JAX). No state: what belongs to a counter can be had in any order,
 * on any number of lanes. The mirror of assembly/math/threefry.ts.
 *
 * @param x0 the low word of the counter, `x1` the high one
 * @param k0 the low word of the key, `k1` the high one
 * @param out receives the two words
 */
export function threefry(x0: number, x1: number, k0: number, k1: number, out: Uint32Array): void {
  let key = k0 | 0;
  let next = k1 | 0;
  let last = key ^ next ^ 0x1bd11bda;
  let a = (x0 + key) | 0;
  let b = (x1 + next) | 0;
  for (let group = 1; group <= 5; group++) {
    const odd = (group & 1) !== 0;
    a = (a + b) | 0;
    b = rotated(b, odd ? 13 : 17) ^ a;
    a = (a + b) | 0;
    b = rotated(b, odd ? 15 : 29) ^ a;
    a = (a + b) | 0;
    b = rotated(b, odd ? 26 : 16) ^ a;
    a = (a + b) | 0;
    b = rotated(b, odd ? 6 : 24) ^ a;
    a = (a + next) | 0;
    b = (b + last + group) | 0;
    const first = key;
    key = next;
    next = last;
    last = first;
  }
  out[0] = a;
  out[1] = b;
}

const rotated = (x: number, r: number): number => (x << r) | (x >>> (32 - r));
