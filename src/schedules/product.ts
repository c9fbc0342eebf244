import type { Curve } from "../kernels/backend.ts";
import { combinator, inners, type Schedule } from "./core/schedule.ts";

/**
 * The product of all: one of them is the schedule, the others factors. torch's ChainedScheduler of those of its schedulers that do nothing
 * but multiply. Multiplied from left to right.
 */
export const product = /* @__PURE__ */ combinator(
  {
    name: "product",
    formula: "schedules[0](k) · schedules[1](k) · …",
    options: { schedules: inners() },
    curve: ({ schedules }) => multiplied(schedules.map(({ curve }) => curve)),
  },
  (schedules: readonly Schedule[]) => ({ schedules }),
);

export function multiplied([first, ...others]: readonly Curve[]): Curve {
  return {
    at(k) {
      let value = first.at(k);
      for (let i = 0; i < others.length; i++) value *= others[i].at(k);
      return value;
    },
    depth: 1 + Math.max(first.depth, ...others.map(({ depth }) => depth)),
    list: Math.max(first.list, ...others.map(({ list }) => list)),
    write(start, out, sampler) {
      first.write(start, out, sampler);
      const factor = sampler.beside(out);
      for (const other of others) {
        other.write(start, factor, sampler);
        sampler.multiply(out, factor);
      }
    },
  };
}
