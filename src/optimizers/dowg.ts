import { divisor, nonNegative, positive, ungrouped } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { descent, squaresOf } from "./dog.ts";

/**
 * DoWG, distance over weighted gradients (Khaled, Mishchenko & Jin 2023): DoG that weighs each squared gradient by the squared distance of
 * its time, which lets old gradients count for less.
 *
 * Follows the authors' dowg.py, and optax in having an lr and weight decay too. `eps` is what the squared distance begins at, and is
 * added to the root. A group's lr multiplies its rate.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 40.
 */
export const dowg = /* @__PURE__ */ optimizer({
  ...descent,
  name: "dowg",
  source: "Khaled, Mishchenko & Jin 2023",
  options: { lr: nonNegative(1), eps: ungrouped(divisor(positive(1e-4))), weightDecay: nonNegative(0) },
  carry: { rt2: 0, vt: 0 },

  globalStats: {
    ...squaresOf,
    finish({ eps }, _, { distance, gradient }, carry) {
      carry.rt2 = Math.max(carry.rt2, eps, distance);
      carry.vt += carry.rt2 * gradient;
    },
  },
  // A step is at most as long as the way before it, which makes the next weight four times as large.
  bears: ({ square, normSum }, _hyper, { rt2 }) => Math.min(square, normSum / Math.sqrt(Math.max(1, 4 * rt2))),

  constants({ lr, eps }, _, c, { rt2, vt }) {
    c.rate = (lr * rt2) / (Math.sqrt(vt) + eps);
  },
});
