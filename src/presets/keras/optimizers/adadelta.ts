import { divisor, fraction, nonNegative } from "../../../common/options.ts";
import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { meanDelta } from "../../../optimizers/adadelta.ts";

/**
 * keras.optimizers.Adadelta: the paper's, with an lr a thousandth of the paper's.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const adadelta = /* @__PURE__ */ optimizer({
  ...meanDelta,
  name: "keras.adadelta",
  source: "defaults",
  options: { lr: nonNegative(1e-3), rho: fraction(0.95), eps: divisor(nonNegative(1e-7)), ...decoupledDecay(0) },
  decayKind: "decoupled",
});
