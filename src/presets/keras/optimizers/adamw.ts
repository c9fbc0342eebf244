import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { uncorrected } from "./adam.ts";

/**
 * keras.optimizers.AdamW: its Adam with a weight decay of 0.004.
 *
 * Memory in f32: 8–12 bytes of state a parameter; a step moves 28–36.
 */
export const adamw = /* @__PURE__ */ optimizer({
  ...uncorrected,
  name: "keras.adamw",
  source: "`eps` beside the uncorrected root",
  options: { ...uncorrected.options, ...decoupledDecay(4e-3) },
});
