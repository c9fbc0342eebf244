import { after } from "../after.ts";
import { finite, positive, required } from "../options.ts";
import { composed } from "../schedule.ts";
import { polynomialDecay } from "./polynomial-decay.ts";

/** A straight line from `init` to `end`, up or down: torch's LinearLR, optax's linear_schedule. A polynomialDecay of power 1. */
export const linear = /* @__PURE__ */ composed({
  name: "linear",
  formula: "init + (end − init) · min(k, steps) / steps",
  options: { init: required(finite(0)), end: required(finite(0)), steps: required(positive(0)), after: after() },
  curve: (options) => polynomialDecay(options).curve,
});
