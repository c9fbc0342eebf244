import type { Fields } from "../common/named-scalars.ts";
import { divisor, nonNegative, positive, ungrouped } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";
import { axpby } from "../engine/pipeline.ts";
import type { Context } from "../engine/spec.ts";
import type { GradientTransform } from "../kernels/backend.ts";
import { squaredDistance, squares } from "../ops/reduce.ts";

/** What DoG and DoWG share: gradient descent… */
export const descent = {
  decayKind: "coupled",
  slots: () => ["p0"] as const,
  kernel: () => "sgd" as const,
  scalars: ["rate"] as const,

  update({ p, g }: Record<"p" | "g", FloatArray>, { rate }: Readonly<Fields<"rate">>, round: Round): void {
    for (let i = 0; i < p.length; i++) p[i] -= round(rate * g[i]);
  },
} as const;

/** …whose rate follows from the squares of where it began, of how far it has come, and of the gradient. */
export const squaresOf = {
  sums: ["start", "distance", "gradient"] as const,
  moved: 8 + 8 + 4,

  bind({ backend, dtype }: Context, { p, g, p0 }: Record<"p" | "g" | "p0", FloatArray>, mix: GradientTransform) {
    const remember = axpby(backend, dtype, p0, p, p, mix);
    return (_: unknown, t: number, sums: Fields<"start" | "distance" | "gradient">) => {
      if (t === 1) {
        // What was done to the gradient left its scale.
        mix.scale = 1;
        mix.decay = 0;
        remember();
        sums.start += backend.reduce(squares, p);
      }
      sums.distance += backend.reduce(squaredDistance, p, p0);
      sums.gradient += backend.reduce(squares, g);
    };
  },
};

/**
 * DoG, distance over gradients (Ivgi, Hinder & Carmon 2023): gradient descent whose rate is the largest distance so far from the first
 * parameters, over the root of all squared gradients' sum. The rate does not fall by itself: evaluate with an average of the parameters,
 * `ema(optimizer)` say.
 *
 * Follows the authors' dog.py 1.0.3: before the first step the distance counts as `repsRel` · (1 + ‖p‖); for models with batch normalisation
 * they advise 1e-4. `eps` is added to the sum. Norms are taken over all groups, as in optax; the authors take each group's own. A group's lr
 * multiplies its rate.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 40.
 */
export const dog = /* @__PURE__ */ optimizer({
  ...descent,
  name: "dog",
  source: "Ivgi, Hinder & Carmon 2023",
  options: {
    lr: nonNegative(1),
    repsRel: ungrouped(positive(1e-6)),
    eps: ungrouped(divisor(positive(1e-8))),
    weightDecay: nonNegative(0),
  },
  carry: { rbar: 0, G: 0 },

  globalStats: {
    ...squaresOf,
    finish({ repsRel, eps }, t, { start, distance, gradient }, carry) {
      carry.rbar = t === 1 ? repsRel * (1 + Math.sqrt(start)) : Math.max(carry.rbar, Math.sqrt(distance));
      carry.G = (t === 1 ? eps : carry.G) + gradient;
    },
  },
  // What is divided by the root of the sum must not vanish.
  bears: ({ square, normSum }) => Math.min(square, normSum),

  constants({ lr }, _, c, { rbar, G }) {
    c.rate = (lr * rbar) / Math.sqrt(G);
  },
});
