import { choice, count, finite, fixed, type Resolved, required, whole } from "../common/options.ts";
import { constant } from "./constant.ts";
import { after } from "./core/after.ts";
import { composed, type Schedule } from "./core/schedule.ts";
import { cosineDecay } from "./cosine-decay.ts";
import { exponentialDecay } from "./exponential-decay.ts";
import { inTurn } from "./join.ts";
import { linear } from "./linear.ts";
import { polynomialWarmup } from "./polynomial-warmup.ts";

const options = {
  peak: required(finite(0)),
  warmup: fixed(whole(0)),
  stable: fixed(whole(0)),
  decay: required(count()),
  end: fixed(finite(0)),
  shape: choice("linear", "cosine", "1-sqrt", "1-square", "exponential"),
  after: after(),
};

/**
 * A line from 0 to `peak`, `peak` for `stable` updates, then down to `end` over `decay` (Hu et al. 2024): along a line, half a cosine,
 * 1 − √q, 1 − q² or a constant ratio. The shapes reach from peak to end, so that none jumps or is cut off at the floor, as
 * pytorch_optimizer's are but for the cosine. `after` is the decay's.
 */
export const warmupStableDecay = /* @__PURE__ */ composed({
  name: "warmupStableDecay",
  formula:
    "peak · k / warmup, then peak for stable, then end + (peak − end) · (1 − q, 1 − √q, …), q of the way through decay",
  options,
  conflict: ({ shape, peak, end, after }) => {
    if (shape !== "exponential") return undefined;
    if (end / peak > 0) return after === "hold" ? undefined : 'after must be "hold" where shape is "exponential"';
    return `end must have the sign of peak where shape is "exponential", got ${end} and ${peak}`;
  },
  curve: (options) => {
    const { peak, warmup, stable } = options;
    return inTurn(
      [warmup, () => linear({ init: 0, end: peak, steps: warmup })],
      [stable, () => constant({ value: peak })],
      [Infinity, () => fall(options)],
    ).curve;
  },
});

function fall({ peak, decay: steps, end, shape, after }: Resolved<typeof options>): Schedule {
  if (shape === "linear") return linear({ init: peak, end, steps, after });
  if (shape === "cosine") return cosineDecay({ init: peak, end, steps, after });
  if (shape === "exponential") return exponentialDecay({ init: peak, rate: end / peak, steps, end });
  return polynomialWarmup({ init: peak, peak: end, steps, power: shape === "1-sqrt" ? 0.5 : 2, after });
}
