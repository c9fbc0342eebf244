import { exp2 } from "../math/exp2.ts";
import { log2 } from "../math/log2.ts";
import { powOfLog2 } from "../math/pow.ts";
import { choice, count, finite, fixed, optional, positive, required } from "../options.ts";
import { schedule } from "../schedule.ts";

/**
 * A triangle between `min` and `max`, `up` steps up and `down` steps down (Smith 2015): torch's CyclicLR without its momentum, in
 * whole numbers. Each cycle's height is halved with "triangular2" and multiplied by gamma^k with "expRange", k counting from
 * the beginning as in torch's code.
 */
export const cyclic = /* @__PURE__ */ schedule({
  name: "cyclic",
  formula: "min + (max − min) · triangle, halved every cycle or times gamma^k",
  options: {
    min: required(finite(0)),
    max: required(finite(0)),
    up: required(count()),
    /** Default: `up`. */
    down: optional(count()),
    mode: choice("triangular", "triangular2", "expRange"),
    /** Only with "expRange". */
    gamma: fixed(positive(1)),
  },
  scalars: ["min", "max", "up", "down", "halving", "hi", "lo"],
  constants({ min, max, up, down = up, mode, gamma }, c) {
    c.min = min;
    c.max = max;
    c.up = up;
    c.down = down;
    c.halving = mode === "triangular2" ? 1 : 0;
    log2(mode === "expRange" ? gamma : 1, c);
  },
  at(k, { min, max, up, down, halving, hi, lo }) {
    const total = up + down;
    const cycle = Math.floor(k / total);
    const position = k - cycle * total;
    const height = position <= up ? position / up : (total - position) / down;
    const amplitude = halving === 0 ? powOfLog2(hi, lo, k) : exp2(-cycle);
    // An amplitude that overflowed does not move the foot.
    return height === 0 ? min : (max - min) * height * amplitude + min;
  },
});
