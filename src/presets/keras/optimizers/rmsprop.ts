import { divisor, flag, fraction, nonNegative } from "../../../common/options.ts";
import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { epsInside } from "../../../ops/eps-placement.ts";
import { meanSquare } from "../../../optimizers/rmsprop.ts";

/**
 * keras.optimizers.RMSprop: `eps` under the root and the lr inside the momentum buffer. Keras's `rho` is `alpha`. If `centered`, the
 * variance is held at 0 before `eps` joins it; in Keras rounding can take it below.
 *
 * Memory in f32: 4–12 bytes of state a parameter; a step moves 20–36.
 */
export const rmsprop = /* @__PURE__ */ optimizer({
  ...meanSquare("_keras", epsInside, true),
  name: "keras.rmsprop",
  source: "`eps` under the root, the lr inside the momentum buffer",
  options: {
    lr: nonNegative(1e-3),
    alpha: fraction(0.9),
    eps: divisor(nonNegative(1e-7)),
    momentum: nonNegative(0),
    centered: flag(false),
    ...decoupledDecay(0),
  },
  decayKind: "decoupled",
});
