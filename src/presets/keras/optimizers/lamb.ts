import { divisor, fraction, nonNegative } from "../../../common/options.ts";
import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { correction } from "../../../math/power.ts";
import { moments } from "../../../optimizers/adam.ts";

/**
 * keras.optimizers.Lamb: the weight decay shrinks the parameter before the update and has no part in it, and the ratio ‖p‖ / ‖u‖ is always
 * taken, of the parameter so shrunk.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 60.
 */
export const lamb = /* @__PURE__ */ optimizer({
  ...moments,
  name: "keras.lamb",
  source: "weight decay outside the ratio, which is always taken",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-7)),
    ...decoupledDecay(0),
  },
  decayKind: "decoupled",
  slots: () => ["exp_avg", "exp_avg_sq"],
  kernel: () => "adamw",

  constants(hyper, t, c) {
    moments.constants(hyper, t, c);
    c.rate = 1 / correction(hyper.beta1, t);
  },

  trustRatio({ lr, decay }, norms) {
    const p = Math.abs(1 - decay) * norms.p;
    const { u } = norms;
    return p > 0 && u > 0 ? lr * (p / u) : lr;
  },
});
