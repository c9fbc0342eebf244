import { divisor, flag, fraction, nonNegative } from "../../../common/options.ts";
import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { correction } from "../../../math/power.ts";
import { moments } from "../../../optimizers/adam.ts";
import { decayed } from "../../../optimizers/adamw.ts";

/** What Keras's Adam and AdamW share: all but the weight decay's default. `eps` is beside the uncorrected root, the paper's ε̂. */
export const uncorrected = {
  ...moments,
  options: {
    lr: nonNegative(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-7)),
    amsgrad: flag(false),
  },
  decayKind: "decoupled",
  kernel: decayed,

  constants(hyper: Parameters<typeof moments.constants>[0], t: number, c: Parameters<typeof moments.constants>[2]) {
    moments.constants(hyper, t, c);
    c.rate = (hyper.lr * Math.sqrt(correction(hyper.beta2, t))) / correction(hyper.beta1, t);
    c.root = 1;
  },
} as const;

/**
 * keras.optimizers.Adam: `eps` beside the uncorrected root, where it weighs more in the first steps.
 *
 * Memory in f32: 8–12 bytes of state a parameter; a step moves 28–36.
 */
export const adam = /* @__PURE__ */ optimizer({
  ...uncorrected,
  name: "keras.adam",
  source: "`eps` beside the uncorrected root",
  options: { ...uncorrected.options, ...decoupledDecay(0) },
});
