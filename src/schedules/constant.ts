import { finite, required } from "../common/options.ts";
import { schedule } from "./core/closed-form.ts";

/** The same value at every index. */
export const constant = /* @__PURE__ */ schedule({
  name: "constant",
  kernel: "constant",
  formula: "value",
  options: { value: required(finite(0)) },
  scalars: ["value"],
  constants({ value }, c) {
    c.value = value;
  },
  at: (_, { value }) => value,
});
