import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { correction } from "../math/power.ts";
import { moments } from "./adam.ts";

/**
 * LAMB (You et al. 2019): AdamW whose update is scaled, tensor by tensor, to the norm of the parameter.
 *
 * Follows timm's lamb.py: the ratio ‖p‖ / ‖u‖ of the update with the weight decay in it, at most 1 with `trustClip`, and 1 where a norm
 * is 0 or, without `alwaysAdapt`, there is no weight decay. timm also clips the global gradient norm to 1: that is
 * `clipNorm: 1` here. Both moments are corrected and the gradients averaged, as by default there (bias_correction, grad_averaging), and
 * there is no decoupled_decay. optax always takes the ratio; Keras does too and keeps the decay out of the update.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 72.
 */
export const lamb = /* @__PURE__ */ optimizer({
  ...moments,
  name: "lamb",
  source: "You et al. 2019",
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-6)),
    weightDecay: nonNegative(1e-2),
    trustClip: flag(false),
    alwaysAdapt: flag(false),
    cautious: flag(false),
  },
  slots: () => ["exp_avg", "exp_avg_sq"],
  kernel: () => "adam",

  constants(hyper, t, c) {
    moments.constants(hyper, t, c);
    c.rate = 1 / correction(hyper.beta1, t);
    c.shrink = 1;
  },

  decayInUpdate: ({ weightDecay }) => weightDecay,

  trustRatio({ lr, weightDecay }, norms, { trustClip, alwaysAdapt }) {
    const { p, u } = norms;
    const adapts = (weightDecay !== 0 || alwaysAdapt) && p > 0 && u > 0;
    const ratio = adapts ? p / u : 1;
    return lr * (trustClip ? Math.min(ratio, 1) : ratio);
  },
});
