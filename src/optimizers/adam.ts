import { ofMeanOverRoot } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";
import { correction } from "../math/power.ts";

const options = {
  lr: nonNegative(1e-3),
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  eps: divisor(nonNegative(1e-8)),
  weightDecay: nonNegative(0),
  amsgrad: flag(false),
  cautious: flag(false),
};

type Slot = "exp_avg" | "exp_avg_sq" | "max_exp_avg_sq";
type Moments = Readonly<Record<"p" | "g" | "exp_avg" | "exp_avg_sq", FloatArray>>;
type Scalar = "rate" | "beta1" | "keep1" | "beta2" | "keep2" | "root" | "eps" | "shrink";

/** What Adam and AdamW share: they differ in where `weightDecay` acts. */
export const moments = {
  options,
  scalars: ["rate", "beta1", "keep1", "beta2", "keep2", "root", "eps", "shrink"] as const,
  bears: ofMeanOverRoot,

  slots({ amsgrad }: { readonly amsgrad: boolean }): readonly Slot[] {
    return amsgrad ? ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"] : ["exp_avg", "exp_avg_sq"];
  },

  constants(hyper: Readonly<Fields<"lr" | "beta1" | "beta2" | "eps" | "decay">>, t: number, c: Fields<Scalar>): void {
    const { lr, beta1, beta2, eps, decay } = hyper;
    c.rate = lr / correction(beta1, t);
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.beta2 = beta2;
    c.keep2 = 1 - beta2;
    c.root = 1 / Math.sqrt(correction(beta2, t));
    c.eps = eps;
    c.shrink = 1 - decay;
  },

  update(
    { p, g, exp_avg, exp_avg_sq, max_exp_avg_sq }: Moments & { readonly max_exp_avg_sq?: FloatArray },
    c: Readonly<Fields<Scalar>>,
    round: Round,
  ): void {
    const { rate, beta1, keep1, beta2, keep2, root, eps, shrink } = c;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const mean = round(round(beta1 * exp_avg[i]) + round(keep1 * grad));
      const square = round(round(beta2 * exp_avg_sq[i]) + round(round(keep2 * grad) * grad));
      exp_avg[i] = mean;
      exp_avg_sq[i] = square;
      let moment = square;
      if (max_exp_avg_sq !== undefined) {
        // In this order, as the kernel's pmax, a NaN comes through.
        if (square < max_exp_avg_sq[i]) moment = max_exp_avg_sq[i];
        max_exp_avg_sq[i] = moment;
      }
      const denominator = round(round(round(Math.sqrt(moment)) * root) + eps);
      p[i] = round(shrink * p[i]) - round(round(rate * mean) / denominator);
    }
  },
};

/** Both corrections as one factor of the rate, for where `eps` is not corrected with the root: the paper's ε̂. */
export const corrections = (beta1: number, beta2: number, t: number): number =>
  Math.sqrt(correction(beta2, t)) / correction(beta1, t);

/**
 * Adam (Kingma & Ba 2014): steps along a moving mean of the gradients, divided by the root of a moving mean of their squares, both
 * corrected for having started at 0.
 *
 * Follows torch.optim.Adam: `eps` outside the root and after the correction, `weightDecay` added to the gradient (L2), `amsgrad`
 * (Reddi et al. 2018) taking the maximum of the uncorrected second moment. optax's amsgrad takes it of the corrected one; Keras
 * leaves `eps` uncorrected (the paper's ε̂) at 1e-7, as TensorFlow.js has it: thalweg/optimizers/keras and tfjs.
 *
 * Memory in f32: 8–12 bytes of state a parameter; a step moves 28–36.
 */
export const adam = /* @__PURE__ */ optimizer({
  name: "adam",
  source: "Kingma & Ba 2014; Reddi et al. 2018",
  ...moments,
  decayKind: "coupled",
  kernel: ({ amsgrad }) => (amsgrad ? "adam_amsgrad" : "adam"),
});
