import { finite, fixed, flag, positive, required } from "../common/options.ts";
import { lerp } from "../math/lerp.ts";
import { pow } from "../math/pow.ts";
import { after } from "./core/after.ts";
import { schedule } from "./core/closed-form.ts";

/**
 * end + (init − end) · (1 − min(k, steps) / steps)^power, and `end` from k = steps on: optax's polynomial_schedule, torch's PolynomialLR
 * with an end. With `cycle` it starts again, as Keras has it: `steps` is replaced by its next multiple that is ≥ k, and nothing comes
 * after.
 */
export const polynomialDecay = /* @__PURE__ */ schedule({
  name: "polynomialDecay",
  kernel: "polynomialDecay",
  formula: "end + (init − end) · (1 − min(k, steps) / steps)^power, again and again if cycle",
  options: {
    init: required(finite(0)),
    end: fixed(finite(0)),
    steps: required(positive(0)),
    power: fixed(positive(1)),
    cycle: flag(false),
    after: after(),
  },
  scalars: ["steps", "init", "end", "power", "cycle", "rising"],
  constants({ init, end, steps, power, cycle }, c) {
    c.steps = steps;
    c.init = init;
    c.end = end;
    c.power = power;
    c.cycle = cycle ? 1 : 0;
    c.rising = 0;
  },
  after: ({ cycle, after }) => (cycle ? "none" : after),
  at(k, { steps, init, end, power, cycle }) {
    const span = cycle === 0 ? steps : steps * Math.max(Math.ceil(k / steps), 1);
    const rest = 1 - k / span;
    return lerp(init, end, power === 1 ? rest : pow(rest, power));
  },
});
