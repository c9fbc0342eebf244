import { readOptions } from "../common/given.ts";
import { choice, finite, fixed, flag, required, whole } from "../common/options.ts";
import { combinator, inner, type Schedule } from "./core/schedule.ts";
import { cosineDecay } from "./cosine-decay.ts";
import { joined } from "./join.ts";
import { polynomialDecay } from "./polynomial-decay.ts";
import { shifted } from "./shift.ts";

export interface WarmupOptions {
  /** How many updates it takes; with 0 there is only the schedule. */
  readonly steps: number;
  /** The value at index 0, default 0. */
  readonly from?: number | undefined;
  /** Default "linear". */
  readonly shape?: "linear" | "cosine" | "1-sqrt" | undefined;
  /** Whether the schedule's own index runs from the start. Default false: its index 0 is at k = steps. */
  readonly inclusive?: boolean | undefined;
}

const options = {
  steps: required(whole(0)),
  from: fixed(finite(0)),
  shape: choice("linear", "cosine", "1-sqrt"),
  inclusive: flag(false),
};

/**
 * From `from` up to the schedule's first value over `steps` updates, then the schedule: from its index 0 on, as in Keras and timm with
 * warmup_prefix, or, if `inclusive`, from index `steps` on as if there had been no warmup, as in timm without.
 *
 * The first update's value is `from`, as in timm, optax and HuggingFace. To have peak / n there and the peak after n updates, give
 * `from: peak / n, steps: n − 1`.
 */
export const warmup = /* @__PURE__ */ combinator(
  {
    name: "warmup",
    formula: "from `from` to of(0), then of(k − steps), or of(k) if inclusive",
    options: { of: inner(), ...options },
    conflict: ({ of, steps }) =>
      steps === 0 || Number.isFinite(of(0)) ? undefined : `of must be finite at index 0, got ${of(0)}`,
    curve({ of, steps, from: init, shape, inclusive }) {
      const rest = inclusive ? shifted(of.curve, -steps) : of.curve;
      return steps === 0 ? rest : joined([rise({ init, end: of(0), steps }, shape).curve, rest], [steps]);
    },
  },
  (of: Schedule, given: WarmupOptions) => ({ ...readOptions("warmup", given, Object.keys(options)), of }),
);

function rise(
  options: { readonly init: number; readonly end: number; readonly steps: number },
  shape: "linear" | "cosine" | "1-sqrt",
): Schedule {
  if (shape === "cosine") return cosineDecay(options);
  return polynomialDecay({ ...options, power: shape === "linear" ? 1 : 0.5 });
}
