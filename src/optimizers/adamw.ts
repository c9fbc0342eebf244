import { optimizer } from "../optimizer.ts";
import { nonNegative } from "../options.ts";
import { moments } from "./adam.ts";

/**
 * AdamW (Loshchilov & Hutter 2017): Adam with the weight decay taken out of the gradient, so that it is not divided by the second
 * moment.
 *
 * Follows torch.optim.AdamW: p is multiplied by 1 − lr · weightDecay before the update, so the decay follows the lr's schedule. In
 * the paper it follows the schedule's multiplier only.
 */
export const adamw = /* @__PURE__ */ optimizer({
  ...moments,
  name: "adamw",
  source: "Loshchilov & Hutter 2017; Reddi et al. 2018",
  options: { ...moments.options, weightDecay: nonNegative(1e-2) },
  decay: "decoupled",
  kernel: ({ amsgrad, weightDecay }) => `adam${weightDecay === 0 ? "" : "w"}${amsgrad ? "_amsgrad" : ""}` as const,

  constants(hyper, t, c) {
    moments.constants(hyper, t, c);
    c.shrink = 1 - hyper.lr * hyper.weightDecay;
  },
});
