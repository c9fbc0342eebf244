import { count, required } from "../common/options.ts";
import { combinator, inner, type Schedule } from "./core/schedule.ts";

/** The first `every` values of a schedule, again and again. */
export const repeat = /* @__PURE__ */ combinator(
  {
    name: "repeat",
    formula: "of(k mod every)",
    options: { of: inner(), every: required(count()) },
    curve: ({ of: { curve }, every }) => ({
      at: (k) => curve.at(k - every * Math.floor(k / every)),
      depth: curve.depth + 1,
      list: curve.list,
      write(start, out, sampler) {
        const first = start - every * Math.floor(start / every);
        const own = Math.min(every, out.length);
        const toEnd = Math.min(every - first, own);
        curve.write(first, out.subarray(0, toEnd), sampler);
        // Not for nothing: each of two calls would make two.
        if (toEnd < own) curve.write(0, out.subarray(toEnd, own), sampler);
        // What is there is repeated, twice as much each time.
        for (let done = own; done < out.length; done *= 2) out.copyWithin(done, 0, done);
      },
    }),
  },
  (of: Schedule, every: number) => ({ of, every }),
);
