import { milestones, numbers, oneMore } from "../common/options.ts";
import { schedule } from "./core/closed-form.ts";

/**
 * The value that stands at the number of boundaries ≤ k, which makes a value more than boundaries. A new value holds from its boundary
 * on, as in optax's piecewise_constant_schedule, where values are given as factors; Keras keeps the old one there.
 */
export const piecewiseConstant = /* @__PURE__ */ schedule({
  name: "piecewiseConstant",
  kernel: "piecewiseConstant",
  formula: "values[number of boundaries ≤ k]",
  options: { boundaries: milestones(), values: numbers() },
  conflict: oneMore("values", "boundaries"),
  scalars: [],
  constants() {},
  list: ({ boundaries, values }) => [...boundaries, ...values],
  at(k, _, list) {
    const count = list.length >> 1;
    let passed = 0;
    while (passed < count && list[passed] <= k) passed++;
    return list[count + passed];
  },
});
