import { integer, required } from "../common/options.ts";
import type { Curve } from "../kernels/backend.ts";
import { combinator, inner, type Schedule } from "./core/schedule.ts";

/**
 * A schedule `by` indices later, its first value held until then: optax's transition_begin. With a negative number it is earlier: it
 * starts `−by` indices in.
 */
export const shift = /* @__PURE__ */ combinator(
  {
    name: "shift",
    formula: "of(max(k − by, 0))",
    options: { of: inner(), by: required(integer()) },
    curve: ({ of: { curve }, by }) => shifted(curve, by),
  },
  (of: Schedule, by: number) => ({ of, by }),
);

export function shifted(curve: Curve, by: number): Curve {
  return {
    at: (k) => curve.at(Math.max(k - by, 0)),
    depth: curve.depth + 1,
    list: curve.list,
    write(start, out, sampler) {
      const held = Math.min(Math.max(by - start, 0), out.length);
      if (held > 0) out.fill(curve.at(0), 0, held);
      if (held < out.length) curve.write(start + held - by, out.subarray(held), sampler);
    },
  };
}
