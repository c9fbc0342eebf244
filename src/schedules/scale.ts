import { finite, required } from "../common/options.ts";
import { constant } from "./constant.ts";
import { combinator, inner, type Schedule } from "./core/schedule.ts";
import { multiplied } from "./product.ts";

/** A schedule times a number: a group's share of another's learning rate. */
export const scale = /* @__PURE__ */ combinator(
  {
    name: "scale",
    formula: "of(k) · factor",
    options: { of: inner(), factor: required(finite(1)) },
    curve: ({ of, factor }) => multiplied([of.curve, constant({ value: factor }).curve]),
  },
  (of: Schedule, factor: number) => ({ of, factor }),
);
