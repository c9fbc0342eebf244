import { between, flag, nonNegative, positive } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { sign } from "../math/sign.ts";

/**
 * Rprop (Riedmiller & Braun 1993): every parameter has a step of its own, which grows while its gradient keeps its sign and shrinks when
 * it turns. For full batches: the noise of small ones turns signs.
 *
 * Follows torch.optim.Rprop; `lr` at the first step is the size of all and has no part later. optax's rprop runs one step late.
 *
 * Memory in f32: 8 bytes of state a parameter; a step moves 28.
 */
export const rprop = /* @__PURE__ */ optimizer({
  name: "rprop",
  source: "Riedmiller & Braun 1993",
  options: {
    lr: nonNegative(1e-2),
    etaMinus: between(0, 1, 0.5),
    etaPlus: between(1, Infinity, 1.2),
    minStep: nonNegative(1e-6),
    maxStep: positive(50),
    cautious: flag(false),
  },
  slots: () => ["prev", "step_size"],
  kernel: () => "rprop",
  scalars: ["etaMinus", "etaPlus", "minStep", "maxStep"],
  bears: () => Infinity,

  constants({ lr, etaMinus, etaPlus, minStep, maxStep }, t, c) {
    c.etaMinus = etaMinus;
    c.etaPlus = etaPlus;
    c.minStep = minStep;
    c.maxStep = maxStep;
    // Between bounds that are one number every first size becomes that.
    if (t === 1) c.minStep = c.maxStep = Math.max(Math.min(lr, maxStep), minStep);
  },

  update({ p, g, prev, step_size }, { etaMinus, etaPlus, minStep, maxStep }, round) {
    for (let i = 0; i < p.length; i++) {
      const product = round(g[i] * prev[i]);
      let size = round(step_size[i] * (product > 0 ? etaPlus : product < 0 ? etaMinus : 1));
      // Comparisons in the order of the kernel's pmin and pmax: a NaN comes through.
      if (maxStep < size) size = maxStep;
      if (size < minStep) size = minStep;
      step_size[i] = size;
      const kept = product < 0 ? 0 : g[i];
      p[i] -= round(size * sign(kept));
      prev[i] = kept;
    }
  },
});
