import { ofMeanOverRoot } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { divisor, flag, fraction, nonNegative } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { pow } from "../math/pow.ts";
import { correction } from "../math/power.ts";

type Slot = "exp_avg" | "exp_avg_sq";
type Scalar = "rate" | "ahead" | "beta1" | "keep1" | "beta2" | "keep2" | "root" | "eps" | "shrink";

/** The momentum of step t: it grows from about beta1 / 2 towards beta1. */
const momentumAt = (beta1: number, momentumDecay: number, t: number): number =>
  beta1 * (1 - 0.5 * pow(0.96, t * momentumDecay));

/** NAdam in every house that has the momentum schedule. */
export const warmingMomentum = {
  slots: (): readonly Slot[] => ["exp_avg", "exp_avg_sq"],
  kernel: () => "nadam" as const,
  scalars: ["rate", "ahead", "beta1", "keep1", "beta2", "keep2", "root", "eps", "shrink"] as const,
  bears: ofMeanOverRoot,
  // The product of all momenta so far, which has no closed form.
  carry: { mu_product: 1 },

  constants(
    hyper: Readonly<Fields<"lr" | "beta1" | "beta2" | "eps" | "momentumDecay" | "decay">>,
    t: number,
    c: Fields<Scalar>,
    carry: Fields<"mu_product">,
  ): void {
    const { lr, beta1, beta2, eps, momentumDecay, decay } = hyper;
    const mu = momentumAt(beta1, momentumDecay, t);
    const next = momentumAt(beta1, momentumDecay, t + 1);
    carry.mu_product *= mu;
    c.rate = (lr * (1 - mu)) / (1 - carry.mu_product);
    c.ahead = (lr * next) / (1 - carry.mu_product * next);
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.beta2 = beta2;
    c.keep2 = 1 - beta2;
    c.root = 1 / Math.sqrt(correction(beta2, t));
    c.eps = eps;
    c.shrink = 1 - decay;
  },

  update(arrays: Record<Slot | "p" | "g", FloatArray>, c: Readonly<Fields<Scalar>>, round: Round): void {
    const { p, g, exp_avg, exp_avg_sq } = arrays;
    const { rate, ahead, beta1, keep1, beta2, keep2, root, eps, shrink } = c;
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const mean = round(round(beta1 * exp_avg[i]) + round(keep1 * grad));
      const square = round(round(beta2 * exp_avg_sq[i]) + round(round(keep2 * grad) * grad));
      exp_avg[i] = mean;
      exp_avg_sq[i] = square;
      const denominator = round(round(round(Math.sqrt(square)) * root) + eps);
      const step = round(round(round(rate * grad) + round(ahead * mean)) / denominator);
      p[i] = round(shrink * p[i]) - step;
    }
  },
};

/**
 * NAdam (Dozat 2016): Adam with Nesterov's look-ahead and a momentum that warms up.
 *
 * Follows torch.optim.NAdam. Keras is the same with `momentumDecay` 1 and weight decay always decoupled: thalweg/optimizers/keras.
 * optax's and timm's nadamw have no momentum schedule.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const nadam = /* @__PURE__ */ optimizer({
  ...warmingMomentum,
  name: "nadam",
  source: "Dozat 2016",
  options: {
    lr: nonNegative(2e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    eps: divisor(nonNegative(1e-8)),
    momentumDecay: nonNegative(4e-3),
    ...decoupledDecay(0),
    decoupledWeightDecay: flag(false),
    cautious: flag(false),
  },
  decayKind: ({ decoupledWeightDecay }) => (decoupledWeightDecay ? "decoupled" : "coupled"),
});
