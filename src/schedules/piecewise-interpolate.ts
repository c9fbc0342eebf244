import { choice, milestones, numbers, oneMore } from "../common/options.ts";
import { cospi } from "../math/cospi.ts";
import { lerp } from "../math/lerp.ts";
import { after } from "./core/after.ts";
import { schedule } from "./core/closed-form.ts";

/**
 * From value to value, straight or along half a cosine: the first at index 0, the next at its boundary, and so on. optax's
 * piecewise_interpolate_schedule, where values are given as factors.
 */
export const piecewiseInterpolate = /* @__PURE__ */ schedule({
  name: "piecewiseInterpolate",
  kernel: "piecewiseInterpolate",
  formula: "from values[i] to values[i + 1] between boundaries[i − 1] and boundaries[i]",
  options: { boundaries: milestones(), values: numbers(), shape: choice("linear", "cosine"), after: after() },
  conflict: (options) =>
    (options.boundaries.at(-1) ?? 0) > 0
      ? oneMore("values", "boundaries")(options)
      : "boundaries must end with one > 0",
  scalars: ["steps", "cosine"],
  constants({ boundaries, shape }, c) {
    c.steps = boundaries[boundaries.length - 1];
    c.cosine = shape === "cosine" ? 1 : 0;
  },
  list: ({ boundaries, values }) => [...boundaries, ...values],
  after: ({ after }) => after,
  at: (k, { cosine }, list) => interpolated(k, cosine, list),
});

/** The value at `k` of a list of boundaries, then a value more than they are. The mirror of assembly/schedules/piecewise-interpolate.ts. */
export function interpolated(k: number, cosine: number, list: Float64Array): number {
  const count = list.length >> 1;
  let i = 0;
  while (i < count - 1 && list[i] <= k) i++;
  const begin = i === 0 ? 0 : list[i - 1];
  const end = list[i];
  const to = list[count + i + 1];
  if (k >= end) return to;
  const time = (k - begin) / (end - begin);
  return lerp(list[count + i], to, cosine === 0 ? 1 - time : cospi(time) * 0.5 + 0.5);
}
