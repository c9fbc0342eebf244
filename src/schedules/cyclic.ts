import { choice, count, finite, fixed, optional, positive, required } from "../common/options.ts";
import { log2 } from "../math/log2.ts";
import { powOfLog2 } from "../math/pow.ts";
import { schedule } from "./core/closed-form.ts";
import { checked, optionalFunction } from "./core/functions.ts";

/**
 * A triangle between `min` and `max`, `up` steps up and `down` steps down (Smith 2015): torch's CyclicLR without its momentum, in
 * whole numbers. Each cycle's height is halved with "triangular2" and multiplied by gamma^k with "expRange", k counting from
 * the beginning as in torch's code. With `scale`, torch's scale_fn, it is multiplied by what that function of yours gives and `mode`
 * does not count; the function is called with the cycle, from 1, or with k.
 */
export const cyclic = /* @__PURE__ */ schedule({
  name: "cyclic",
  kernel: "cyclic",
  formula: "min + (max − min) · triangle, halved every cycle or times gamma^k or scale",
  options: {
    min: required(finite(0)),
    max: required(finite(0)),
    up: required(count()),
    /** Default: `up`. */
    down: optional(count()),
    mode: choice("triangular", "triangular2", "expRange"),
    /** Only with "expRange". */
    gamma: fixed(positive(1)),
    scale: optionalFunction<(x: number) => number>(),
    /** What `scale` is a function of. */
    scaleOf: choice("cycle", "index"),
  },
  scalars: ["min", "max", "up", "down", "halving", "hi", "lo"],
  constants({ min, max, up, down = up, mode, gamma, scale }, c) {
    // For a scale of the user's, the bare triangle.
    c.min = scale ? 0 : min;
    c.max = scale ? 1 : max;
    c.up = up;
    c.down = down;
    c.halving = mode === "triangular2" && !scale ? 1 : 0;
    log2(mode === "expRange" && !scale ? gamma : 1, c);
    if (c.halving) c.hi = -1;
  },
  at(k, { min, max, up, down, halving, hi, lo }) {
    const total = up + down;
    const cycle = Math.floor(k / total);
    const position = k - cycle * total;
    const height = position <= up ? position / up : (total - position) / down;
    const amplitude = powOfLog2(hi, lo, halving === 0 ? k : cycle);
    // An amplitude that overflowed does not move the foot.
    return height === 0 ? min : (max - min) * height * amplitude + min;
  },
  custom: ({ min, max, up, down = up, scale, scaleOf }) =>
    scale &&
    ((height, k) => {
      const factor = checked("cyclic", scale(scaleOf === "index" ? k : Math.floor(k / (up + down)) + 1), k);
      return height === 0 ? min : (max - min) * height * factor + min;
    }),
});
