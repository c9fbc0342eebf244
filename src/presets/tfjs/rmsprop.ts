import { divisor, flag, fraction, nonNegative } from "../../common/options.ts";
import { optimizer } from "../../engine/optimizer.ts";
import { epsInside } from "../../ops/eps-placement.ts";
import { meanSquare } from "../../optimizers/rmsprop.ts";

/**
 * tf.train.rmsprop: `eps` under the root and the lr inside the momentum buffer; its `decay` is `alpha`. If `centered`, `eps` is added to
 * the variance: TensorFlow.js subtracts it, which gives NaN where a gradient is small. The lr is model.compile's: tf.train has no
 * default.
 *
 * Memory in f32: 4–12 bytes of state a parameter; a step moves 20–36.
 */
export const rmsprop = /* @__PURE__ */ optimizer({
  ...meanSquare("_keras", epsInside, true),
  name: "tfjs.rmsprop",
  source: "`eps` under the root, the lr inside the momentum buffer",
  options: {
    lr: nonNegative(1e-3),
    alpha: fraction(0.9),
    momentum: nonNegative(0),
    eps: divisor(nonNegative(1e-7)),
    centered: flag(false),
  },
});
