import type { Curve } from "../kernels/backend.ts";
import { mapped } from "./core/closed-form.ts";
import { checked, userFunction } from "./core/functions.ts";
import { combinator, optionalInner, type Schedule } from "./core/schedule.ts";

/** The index itself: what a function of the user's has when there is no schedule. */
const index: Curve = {
  at: (k) => k,
  depth: 1,
  list: 0,
  write(start, out) {
    for (let i = 0; i < out.length; i++) out[i] = start + i;
  },
};

type MapFunction = (value: number, k: number) => number;
type Arguments = [fn: (k: number) => number] | [of: Schedule, fn: MapFunction];

/**
 * A function of your own: `map(fn)` is fn(k), `map(schedule, fn)` is fn(schedule(k), k). It is to be pure. `sample` calls it once an
 * index, and it becomes JSON if `registerFunction` knows it.
 */
export const map = /* @__PURE__ */ combinator(
  {
    name: "map",
    formula: "fn(of(k), k), or fn(k)",
    options: { of: optionalInner(), fn: userFunction<MapFunction>() },
    curve: ({ of, fn }) => mapped(of?.curve ?? index, (value, k) => checked("map", fn(value, k), k)),
  },
  (...[first, second]: Arguments) => (second === undefined ? { fn: first } : { of: first as Schedule, fn: second }),
);
