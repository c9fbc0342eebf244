import { divisor, fraction, nonNegative } from "../../../common/options.ts";
import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { warmingMomentum } from "../../../optimizers/nadam.ts";

/**
 * keras.optimizers.Nadam: `momentumDecay`, which Keras does not name, is 1.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const nadam = /* @__PURE__ */ optimizer({
  ...warmingMomentum,
  name: "keras.nadam",
  source: "a faster momentum schedule",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-7)),
    momentumDecay: nonNegative(1),
    ...decoupledDecay(0),
  },
  decayKind: "decoupled",
});
