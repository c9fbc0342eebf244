import { divisor, fraction, nonNegative } from "../../common/options.ts";
import { optimizer } from "../../engine/optimizer.ts";
import { correction } from "../../math/power.ts";
import { infinityNorm } from "../../optimizers/adamax.ts";

const rule = /* @__PURE__ */ infinityNorm("adamax_keras", false);

/**
 * tf.train.adamax: `eps` in the divisor, and a time-based decay of the lr, lr / (1 + (t − 1) · lrDecay); TensorFlow.js calls it `decay`.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const adamax = /* @__PURE__ */ optimizer({
  ...rule,
  name: "tfjs.adamax",
  source: "`eps` in the divisor, a time-based decay of the lr",
  options: {
    lr: nonNegative(2e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-7)),
    lrDecay: nonNegative(0),
  },

  constants(hyper, t, c) {
    rule.constants(hyper, t, c);
    c.rate = hyper.lr / (1 + (t - 1) * hyper.lrDecay) / correction(hyper.beta1, t);
  },
});
