import { divisor, flag, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { heavyBall } from "./sgd.ts";

/**
 * LARS (You, Gitman & Ginsburg 2017): SGD whose gradient is scaled, tensor by tensor, to a fixed share of the parameter's norm; with
 * `trustClip`, LARC, by no more than would be its own length.
 *
 * Follows timm's lars.py, itself after NVIDIA's: the ratio trustCoeff · ‖p‖ / (‖g‖ + weightDecay · ‖p‖ + eps) multiplies g + weightDecay
 * · p, unless a norm is 0 or, without `alwaysAdapt`, there is no weight decay. optax adds the decay before it takes the
 * norm, and keeps the lr inside the buffer.
 *
 * Memory in f32: 0–4 bytes of state a parameter; a step moves 40–48.
 */
export const lars = /* @__PURE__ */ optimizer({
  ...heavyBall,
  name: "lars",
  source: "You, Gitman & Ginsburg 2017",
  options: {
    lr: nonNegative(1),
    ...heavyBall.options,
    weightDecay: nonNegative(0),
    trustCoeff: nonNegative(1e-3),
    eps: divisor(nonNegative(1e-8)),
    trustClip: flag(false),
    alwaysAdapt: flag(false),
    cautious: flag(false),
  },
  bears(range, hyper) {
    return Math.min(heavyBall.bears(range, hyper), range.norm);
  },

  scaleGradient({ lr, weightDecay, trustCoeff, eps }, norms, out, _, { trustClip, alwaysAdapt }) {
    out.scale = 1;
    if ((weightDecay !== 0 || alwaysAdapt) && norms.p > 0 && norms.g > 0) {
      const ratio = (trustCoeff * norms.p) / (norms.g + weightDecay * norms.p + eps);
      out.scale = trustClip ? Math.min(ratio / lr, 1) : ratio;
    }
    out.decay = weightDecay * out.scale;
  },
});
