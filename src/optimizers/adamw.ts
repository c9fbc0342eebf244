import type { ScheduleFunction } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { decoupledDecay } from "../engine/spec.ts";
import { moments } from "./adam.ts";

export interface Decaying {
  readonly amsgrad: boolean;
  readonly weightDecay: number | ScheduleFunction;
}

/** Decoupled weight decay in the kernel, if there is any. */
export const decayed = ({ amsgrad, weightDecay }: Decaying) =>
  `adam${weightDecay === 0 ? "" : "w"}${amsgrad ? "_amsgrad" : ""}` as const;

/**
 * AdamW (Loshchilov & Hutter 2017): Adam with the weight decay taken out of the gradient, so that it is not divided by the second
 * moment.
 *
 * Follows torch.optim.AdamW: p is multiplied by 1 − lr · weightDecay before the update. `decay` offers the paper's form, where the decay
 * follows the schedule's multiplier only.
 *
 * Memory in f32: 8–12 bytes of state a parameter; a step moves 28–36.
 */
export const adamw = /* @__PURE__ */ optimizer({
  ...moments,
  name: "adamw",
  source: "Loshchilov & Hutter 2017; Reddi et al. 2018",
  options: { ...moments.options, ...decoupledDecay(1e-2) },
  decayKind: "decoupled",
  kernel: decayed,
});
