import { milestones, oneMore } from "../common/options.ts";
import type { Curve } from "../kernels/backend.ts";
import { combinator, inners, type Schedule } from "./core/schedule.ts";

/**
 * One schedule after the other, each from its own index 0 on: the next begins at its boundary. optax's join_schedules; torch's SequentialLR
 * of those that begin with the base lr, too. Makes one schedule more than boundaries.
 */
export const join = /* @__PURE__ */ combinator(
  {
    name: "join",
    formula: "schedules[i](k − boundaries[i − 1]), i the number of boundaries ≤ k",
    options: { schedules: inners(), boundaries: milestones() },
    conflict: oneMore("schedules", "boundaries"),
    curve: ({ schedules, boundaries }) =>
      joined(
        schedules.map(({ curve }) => curve),
        boundaries,
      ),
  },
  (schedules: readonly Schedule[], boundaries: readonly number[]) => ({ schedules, boundaries }),
);

export type Stage = readonly [steps: number, make: () => Schedule];

/** One schedule after the other, each but the last over so many steps; those over none are left out. */
export function inTurn(...stages: readonly Stage[]): Schedule {
  const last = stages.length - 1;
  const some = stages.filter(([steps], i) => steps > 0 || i === last);
  const ends = some.map((_, i) => some.slice(0, i + 1).reduce((sum, [steps]) => sum + steps, 0));
  return join(
    some.map(([, make]) => make()),
    ends.slice(0, -1),
  );
}

export function joined(parts: readonly Curve[], boundaries: readonly number[]): Curve {
  const begins = [0, ...boundaries];
  /** Which part there is at `k`. */
  const partAt = (k: number): number => {
    let i = 0;
    while (i < boundaries.length && boundaries[i] <= k) i++;
    return i;
  };
  return {
    at(k) {
      const i = partAt(k);
      return parts[i].at(k - begins[i]);
    },
    depth: 1 + Math.max(...parts.map(({ depth }) => depth)),
    list: Math.max(...parts.map(({ list }) => list)),
    write(start, out, sampler) {
      for (let done = 0; done < out.length; ) {
        const k = start + done;
        const i = partAt(k);
        const end = i < boundaries.length ? boundaries[i] - start : out.length;
        const piece = out.subarray(done, end);
        parts[i].write(k - begins[i], piece, sampler);
        done += piece.length;
      }
    },
  };
}
