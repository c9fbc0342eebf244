import { pow } from "../math/pow.ts";
import { finite, fixed, flag, positive, required } from "../options.ts";
import { schedule } from "../schedule.ts";

/**
 * end + (init − end) · (1 − min(k, steps) / steps)^power, and `end` from k = steps on: optax's polynomial_schedule, torch's PolynomialLR
 * with an end. With `cycle` it starts again, as Keras has it: `steps` is replaced by its next multiple that is ≥ k.
 */
export const polynomialDecay = /* @__PURE__ */ schedule({
  name: "polynomialDecay",
  formula: "end + (init − end) · (1 − min(k, steps) / steps)^power, again and again if cycle",
  options: {
    init: required(finite(0)),
    end: fixed(finite(0)),
    steps: required(positive(0)),
    power: fixed(positive(1)),
    cycle: flag(false),
  },
  scalars: ["init", "end", "steps", "power", "cycle"],
  constants({ init, end, steps, power, cycle }, c) {
    c.init = init;
    c.end = end;
    c.steps = steps;
    c.power = power;
    c.cycle = cycle ? 1 : 0;
  },
  at(k, { init, end, steps, power, cycle }) {
    const span = cycle === 0 ? steps : steps * Math.max(Math.ceil(k / steps), 1);
    const rest = 1 - Math.min(k, span) / span;
    return (init - end) * (power === 1 ? rest : pow(rest, power)) + end;
  },
});
