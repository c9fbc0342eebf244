import { finite, fixed, positive, required } from "../common/options.ts";
import { cospi } from "../math/cospi.ts";
import { lerp } from "../math/lerp.ts";
import { pow } from "../math/pow.ts";
import { after } from "./core/after.ts";
import { schedule } from "./core/closed-form.ts";

/** Indices in a block; the kernel knows the number too. */
const BLOCK = 256;
/** One more than a block, as the kernel reads two at a time. */
const indices = Array.from({ length: BLOCK + 1 }, (_, i) => i);

/**
 * Half a cosine from `init` to `end` (Loshchilov & Hutter 2016): optax's cosine_decay_schedule with alpha = end / init and `power` its
 * exponent, Keras's CosineDecay. With `after: "mirror"` it rises again, as torch's CosineAnnealingLR and HuggingFace's cosine do.
 *
 * An index is a block's first and a rest i < 256, and cos(α + β) = cos α · cos β − sin α · sin β, where the β are the same in every
 * block: a table of 256 of them saves all other indices their polynomial. The error stays below 5e-16 of init − end.
 */
export const cosineDecay = /* @__PURE__ */ schedule({
  name: "cosineDecay",
  kernel: "cosineDecay",
  formula: "end + (init − end) · (½ + ½ cos(π · min(k, steps) / steps))^power",
  options: {
    init: required(finite(0)),
    end: fixed(finite(0)),
    steps: required(positive(0)),
    power: fixed(positive(1)),
    after: after(),
  },
  scalars: ["steps", "init", "end", "power"],
  constants({ init, end, steps, power }, c) {
    c.steps = steps;
    c.init = init;
    c.end = end;
    c.power = power;
  },
  list: ({ steps }) => [
    ...indices.map((i) => cospi(i / steps)),
    // sin(πx) = cos(π(x − ½))
    ...indices.map((i) => cospi(i / steps - 0.5)),
  ],
  // A cosine mirrors itself.
  after: ({ after }) => (after === "mirror" ? "none" : after),
  at(k, { steps, init, end, power }, table) {
    if (k === steps) return end;
    const half = Number.isInteger(k) ? halfOf(k, steps, table) : 0.5 * cospi(k / steps);
    // Half a cosine's difference from ½, which rounding can put beyond its range.
    const fallen = Math.min(Math.max(0.5 - half, 0), 1);
    return power === 1 ? init - (init - end) * fallen : lerp(init, end, pow(1 - fallen, power));
  },
});

/** Half the cosine at an index. */
function halfOf(k: number, steps: number, table: Float64Array): number {
  const block = BLOCK * Math.floor(k / BLOCK);
  const i = k - block;
  const turn = block / steps;
  return 0.5 * cospi(turn) * table[i] - 0.5 * cospi(turn - 0.5) * table[BLOCK + 1 + i];
}
