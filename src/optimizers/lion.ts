import type { Range } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { flag, fraction, nonNegative } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { sign } from "../math/sign.ts";

type Scalar = "rate" | "beta1" | "keep1" | "beta2" | "keep2" | "shrink";

/** Lion in every house. */
export const signOfMean = {
  slots: (): readonly "exp_avg"[] => ["exp_avg"],
  kernel: () => "lion" as const,
  scalars: ["rate", "beta1", "keep1", "beta2", "keep2", "shrink"] as const,
  bears: ({ mean }: Range) => mean,

  constants(hyper: Readonly<Fields<"lr" | "beta1" | "beta2" | "decay">>, _: number, c: Fields<Scalar>): void {
    const { lr, beta1, beta2, decay } = hyper;
    c.rate = lr;
    c.beta1 = beta1;
    c.keep1 = 1 - beta1;
    c.beta2 = beta2;
    c.keep2 = 1 - beta2;
    c.shrink = 1 - decay;
  },

  update(
    { p, g, exp_avg }: Record<"p" | "g" | "exp_avg", FloatArray>,
    { rate, beta1, keep1, beta2, keep2, shrink }: Readonly<Fields<Scalar>>,
    round: Round,
  ): void {
    for (let i = 0; i < p.length; i++) {
      const grad = g[i];
      const mean = exp_avg[i];
      const direction = sign(round(round(beta1 * mean) + round(keep1 * grad)));
      p[i] = round(shrink * p[i]) - round(rate * direction);
      exp_avg[i] = round(beta2 * mean) + round(keep2 * grad);
    }
  },
};

/**
 * Lion (Chen et al. 2023): every parameter moves by the lr, along the sign of a mean that leans more on the latest gradient than the
 * mean it keeps. Its lr wants to be 3 to 10 times smaller than AdamW's and its weight decay as much larger.
 *
 * Follows the authors' lion_pytorch.py (google/automl). timm and lucidrains's lion-pytorch are the same; optax has a weight decay of 0.001
 * by default, Keras an lr of 0.001. A sign turns the last bit of a difference into a whole step, so two libraries agree only as long as no
 * sum comes to lie near 0.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 20.
 */
export const lion = /* @__PURE__ */ optimizer({
  ...signOfMean,
  name: "lion",
  source: "Chen et al. 2023",
  options: {
    lr: nonNegative(1e-4),
    beta1: fraction(0.9),
    beta2: fraction(0.99),
    ...decoupledDecay(0),
    cautious: flag(false),
  },
  decayKind: "decoupled",
});
