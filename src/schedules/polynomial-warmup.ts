import { finite, fixed, positive, required } from "../common/options.ts";
import { lerp } from "../math/lerp.ts";
import { pow } from "../math/pow.ts";
import { after } from "./core/after.ts";
import { schedule } from "./core/closed-form.ts";

/**
 * From `init` up to `peak` as (k / steps)^power, and `peak` from k = steps on. With a power below 1 it rises steeply at first. Turned
 * upside down it is the decay by 1 − q^power: `init` may be above `peak`.
 */
export const polynomialWarmup = /* @__PURE__ */ schedule({
  name: "polynomialWarmup",
  kernel: "polynomialDecay",
  formula: "init + (peak − init) · (min(k, steps) / steps)^power",
  options: {
    init: fixed(finite(0)),
    peak: required(finite(0)),
    steps: required(positive(0)),
    power: fixed(positive(1)),
    after: after(),
  },
  scalars: ["steps", "peak", "init", "power", "cycle", "rising"],
  constants({ init, peak, steps, power }, c) {
    c.steps = steps;
    c.peak = peak;
    c.init = init;
    c.power = power;
    c.cycle = 0;
    c.rising = 1;
  },
  after: ({ after }) => after,
  at(k, { steps, peak, init, power }) {
    const risen = k / steps;
    return lerp(peak, init, power === 1 ? risen : pow(risen, power));
  },
});
