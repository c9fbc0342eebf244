import { divisor, fixed, nonNegative } from "../../../common/options.ts";
import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { epsInside } from "../../../ops/eps-placement.ts";
import { sumOfSquares } from "../../../optimizers/adagrad.ts";

/**
 * keras.optimizers.Adagrad: `eps` under the root, and the accumulator from 0.1.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 20.
 */
export const adagrad = /* @__PURE__ */ optimizer({
  ...sumOfSquares("adagrad_keras", epsInside),
  name: "keras.adagrad",
  source: "`eps` under the root",
  options: {
    lr: nonNegative(1e-3),
    initialAccumulatorValue: fixed(nonNegative(0.1)),
    eps: divisor(nonNegative(1e-7)),
    ...decoupledDecay(0),
  },
  decayKind: "decoupled",

  constants({ lr, eps }, _, c) {
    c.rate = lr;
    c.eps = eps;
  },
});
