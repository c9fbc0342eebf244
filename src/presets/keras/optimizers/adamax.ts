import { divisor, fraction, nonNegative } from "../../../common/options.ts";
import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { infinityNorm } from "../../../optimizers/adamax.ts";

/**
 * keras.optimizers.Adamax: `eps` in the divisor and not in the maximum.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const adamax = /* @__PURE__ */ optimizer({
  ...infinityNorm("adamax_keras", false),
  name: "keras.adamax",
  source: "`eps` in the divisor",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-7)),
    ...decoupledDecay(0),
  },
  decayKind: "decoupled",
});
