import { divisor, fraction, nonNegative } from "../../common/options.ts";
import { optimizer } from "../../engine/optimizer.ts";
import { moments } from "../../optimizers/adam.ts";

/**
 * tf.train.adam: the paper's, as ours, with an `eps` of 1e-7.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const adam = /* @__PURE__ */ optimizer({
  ...moments,
  name: "tfjs.adam",
  source: "defaults",
  options: { lr: nonNegative(1e-3), beta1: fraction(0.9), beta2: fraction(0.999), eps: divisor(nonNegative(1e-7)) },
  slots: () => ["exp_avg", "exp_avg_sq"],
  kernel: () => "adam",
});
