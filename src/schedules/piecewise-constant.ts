import { schedule } from "../closed-form.ts";
import { milestones, numbers } from "../options.ts";

/**
 * The value that stands at the number of boundaries ≤ k, which makes a value more than boundaries. A new value holds from its boundary
 * on, as in optax's piecewise_constant_schedule, where values are given as factors; Keras keeps the old one there.
 */
export const piecewiseConstant = /* @__PURE__ */ schedule({
  name: "piecewiseConstant",
  kernel: "piecewiseConstant",
  formula: "values[number of boundaries ≤ k]",
  options: { boundaries: milestones(), values: numbers() },
  conflict: oneMore,
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

/** What is wrong with boundaries and values, if anything. */
export function oneMore({
  boundaries,
  values,
}: {
  readonly boundaries: readonly number[];
  readonly values: readonly number[];
}): string | undefined {
  if (values.length === boundaries.length + 1) return undefined;
  return `values must be one more than boundaries, got ${values.length} and ${boundaries.length}`;
}
