import { readOptions } from "../common/given.ts";
import { choice, fixed, optional, positive, whole } from "../common/options.ts";
import { gaussian, uniform } from "../math/random.ts";
import { curves } from "./core/closed-form.ts";
import { combinator, inner, type Schedule } from "./core/schedule.ts";
import { multiplied } from "./product.ts";

/** One attempt more, in the upper word of the counter, of which an index leaves 11 bits. */
const ATTEMPT = 2 ** 21;
const WORD = 2 ** 32;

export interface NoisyOptions {
  /** The first index with noise, default 0. */
  readonly from?: number | undefined;
  /** The first without again. Default: none. */
  readonly until?: number | undefined;
  /** What the noise stays below, as a share of the value. Default 0.67. */
  readonly pct?: number | undefined;
  /** The normal distribution's standard deviation, as a share of the value; at most 10 · pct. Default 1. */
  readonly std?: number | undefined;
  /** Default "normal": drawn again until it is below pct. "uniform" reaches to pct. */
  readonly distribution?: "normal" | "uniform" | undefined;
  /** Default 42. */
  readonly seed?: number | undefined;
}

const options = {
  from: fixed(whole(0)),
  until: optional(whole(0)),
  pct: fixed(positive(0.67)),
  std: fixed(positive(1)),
  distribution: choice("normal", "uniform"),
  seed: fixed(whole(42)),
};

/** 1 with noise: the factor. */
const factor = /* @__PURE__ */ curves({
  name: "noisy",
  kernel: "noisy",
  formula: "",
  options,
  scalars: ["from", "until", "pct", "std", "seed", "uniform"],
  // Beyond 2^53 there are no indices.
  constants({ from, until = 2 ** 53, pct, std, seed, distribution }, c) {
    c.from = from;
    c.until = until;
    c.pct = pct;
    c.std = std;
    c.seed = seed;
    c.uniform = distribution === "uniform" ? 1 : 0;
  },
  at(k, { from, until, pct, std, seed, uniform: even }) {
    if (!(k >= from && k < until)) return 1;
    const low = k % WORD;
    const key = seed % WORD;
    const high = Math.floor(seed / WORD);
    for (let upper = Math.floor(k / WORD); ; upper += ATTEMPT) {
      const noise = even === 0 ? std * gaussian(low, upper, key, high) : pct * (2 * uniform(low, upper, key, high) - 1);
      if (Math.abs(noise) < pct) return 1 + noise;
    }
  },
});

/**
 * A schedule with noise: from index `from` until `until` its value times 1 + z, where z is random, smaller than `pct` and the same whenever
 * it is asked for, as it depends on `seed` and k alone. timm's rule. timm draws from torch's generator seeded with seed + k, this from
 * Threefry with the key `seed` and the counter k, so the numbers are others; and its noise_std is not used there.
 */
export const noisy = /* @__PURE__ */ combinator(
  {
    name: "noisy",
    formula: "of(k) · (1 + z), z random, smaller than pct, from `from` until `until`",
    options: { of: inner(), ...options },
    conflict: ({ pct, std, distribution }) =>
      // One attempt in 12 is then below pct.
      distribution === "uniform" || std <= 10 * pct ? undefined : `std must be ≤ 10 · pct, got ${std} and ${pct}`,
    curve: ({ of, ...options }) => multiplied([of.curve, factor(options)]),
  },
  (of: Schedule, given: NoisyOptions) => ({ ...readOptions("noisy", given, Object.keys(options)), of }),
);
