import { fraction, nonNegative } from "../../../common/options.ts";
import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { signOfMean } from "../../../optimizers/lion.ts";

/**
 * keras.optimizers.Lion: the authors', with an lr ten times as large.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 20.
 */
export const lion = /* @__PURE__ */ optimizer({
  ...signOfMean,
  name: "keras.lion",
  source: "defaults",
  options: { lr: nonNegative(1e-3), beta1: fraction(0.9), beta2: fraction(0.99), ...decoupledDecay(0) },
  decayKind: "decoupled",
});
