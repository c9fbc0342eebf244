import { readOptions } from "../common/given.ts";
import { finite, optional } from "../common/options.ts";
import { combinator, inner, type Schedule } from "./core/schedule.ts";

export interface ClampOptions {
  /** Default: no bound. */
  readonly min?: number | undefined;
  /** Default: no bound. */
  readonly max?: number | undefined;
}

const bounds = { min: optional(finite(0)), max: optional(finite(0)) };

/** A schedule that stays between two numbers. A NaN comes through. */
export const clamp = /* @__PURE__ */ combinator(
  {
    name: "clamp",
    formula: "min(max(of(k), min), max)",
    options: { of: inner(), ...bounds },
    conflict: ({ min = -Infinity, max = Infinity }) =>
      min <= max ? undefined : `min must be ≤ max, got ${min} and ${max}`,
    curve: ({ of: { curve }, min = -Infinity, max = Infinity }) => ({
      at: (k) => Math.min(Math.max(curve.at(k), min), max),
      depth: curve.depth + 1,
      list: curve.list,
      write(start, out, sampler) {
        curve.write(start, out, sampler);
        sampler.clamp(out, min, max);
      },
    }),
  },
  (of: Schedule, options: ClampOptions) => ({ ...readOptions("clamp", options, Object.keys(bounds)), of }),
);
