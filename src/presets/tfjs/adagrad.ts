import { divisor, fixed, nonNegative } from "../../common/options.ts";
import { optimizer } from "../../engine/optimizer.ts";
import { epsInside } from "../../ops/eps-placement.ts";
import { sumOfSquares } from "../../optimizers/adagrad.ts";

/**
 * tf.train.adagrad: `eps` under the root, and the accumulator from 0.1. The lr is model.compile's: tf.train has no default.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 20.
 */
export const adagrad = /* @__PURE__ */ optimizer({
  ...sumOfSquares("adagrad_keras", epsInside),
  name: "tfjs.adagrad",
  source: "`eps` under the root",
  options: { lr: nonNegative(1e-2), initialAccumulatorValue: fixed(nonNegative(0.1)), eps: divisor(nonNegative(1e-7)) },

  constants({ lr, eps }, _, c) {
    c.rate = lr;
    c.eps = eps;
  },
});
