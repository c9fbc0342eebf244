import { count, finite, fixed, required, whole } from "../common/options.ts";
import { after } from "./core/after.ts";
import { composed } from "./core/schedule.ts";
import { cosineDecay } from "./cosine-decay.ts";
import { inTurn } from "./join.ts";
import { linear } from "./linear.ts";

/**
 * A line from 0 to `peak`, then half a cosine to `end` at k = steps: `steps` contains `warmup`, as in optax's warmup_cosine_decay_schedule and
 * HuggingFace; Keras counts the decay apart. `after` is the cosine's: with "mirror" it rises again, as HuggingFace's does.
 */
export const warmupCosine = /* @__PURE__ */ composed({
  name: "warmupCosine",
  formula: "peak · k / warmup, then end + (peak − end) · (½ + ½ cos(π · q)), q from 0 at warmup to 1 at steps",
  options: {
    peak: required(finite(0)),
    warmup: fixed(whole(0)),
    steps: required(count()),
    end: fixed(finite(0)),
    after: after(),
  },
  conflict: ({ warmup, steps }) =>
    warmup < steps ? undefined : `warmup must be less than steps, got ${warmup} and ${steps}`,
  curve: ({ peak, warmup, steps, end, after }) =>
    inTurn(
      [warmup, () => linear({ init: 0, end: peak, steps: warmup })],
      [Infinity, () => cosineDecay({ init: peak, end, steps: steps - warmup, after })],
    ).curve,
});
