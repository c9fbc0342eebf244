/** torch's SequentialLR and ChainedScheduler, which let others step one optimizer's lr: by turns, or all of them. */
import { readOptions } from "../../common/given.ts";
import { milestones, oneMore } from "../../common/options.ts";
import type { Schedule } from "../../schedules/core/schedule.ts";
import { join } from "../../schedules/join.ts";
import { product } from "../../schedules/product.ts";
import { scale } from "../../schedules/scale.ts";
import { house } from "../preset.ts";
import { initialOf, type Stepping, schedulers, stepping, steppingOf, stepwise } from "./stepping.ts";

const leaves = (parts: readonly Stepping[]): readonly Stepping[] =>
  parts.flatMap((part) => (part.parts ? leaves(part.parts) : [part]));

const sequence = /* @__PURE__ */ house(
  "sequentialLR",
  { schedulers: schedulers(), milestones: milestones() },
  ({ schedulers, milestones }) => {
    const parts = schedulers.map(steppingOf);
    const initial = initialOf("sequentialLR", parts);
    const begins = [0, ...milestones];
    const partAt = (k: number) => milestones.filter((milestone) => milestone <= k).length;
    const next = (lr: number, k: number) => {
      const i = partAt(k);
      const part = parts[i];
      if (k === 0) return part.next(initial, 0, part.lr);
      const own = k - begins[i];
      if (own > 0) return part.next(lr, own, part.lr);
      return part.resume?.(lr) ?? schedulers[i](0);
    };
    const first = partAt(0);
    const closed = parts[first].lr === initial && !parts.slice(first + 1).some(({ resume }) => resume);
    const made = closed ? join(schedulers, milestones) : stepwise("sequentialLR", initial, next, schedulers);
    return stepping(made, { lr: parts[0].lr, base: "taken", next, parts });
  },
  (options) =>
    options.schedulers.some((schedule) => steppingOf(schedule).parts)
      ? "schedulers must be neither a sequentialLR nor a chainedScheduler"
      : oneMore("schedulers", "milestones")(options),
);

/**
 * Each begins at its milestone from its own index 0 and the lr, which all are made with. A swalr and a multiplicativeLR go on from the lr
 * that the one before has reached; then, and where a oneCycleLR changes the lr that the first begins with, every value is made of the one
 * before, `sample` goes point by point from index 0 on, and there is no JSON.
 */
export const sequentialLR = (
  schedulers: readonly Schedule[],
  options: { readonly milestones: readonly number[] },
): Schedule => sequence({ ...readOptions("sequentialLR", options, ["milestones"]), schedulers });

const chain = /* @__PURE__ */ house("chainedScheduler", { schedulers: schedulers() }, ({ schedulers }) => {
  const parts = schedulers.map(steppingOf);
  const [{ lr, base }] = parts;
  const initial = initialOf("chainedScheduler", leaves(parts));
  const next = (lr: number, k: number, initial: number) =>
    parts.reduce((value, part) => part.next(value, k, initial), lr);
  const units = parts.flatMap(({ unit }) => (unit ? [unit] : []));
  if (units.length < parts.length) {
    const made = stepwise("chainedScheduler", lr, (lr, k) => next(lr, k, initial), schedulers);
    return stepping(made, { lr, base, next, parts });
  }
  const unit = () => product(units.map((make) => make()));
  return stepping(scale(unit(), lr), { lr, base, next, unit, parts });
});

/**
 * At every index each steps the lr in turn, which all are made with: `chainedScheduler([constantLR(0.1), stepLR(0.1, { stepSize: 3 })])`.
 * A product, if all do nothing but multiply. With a cosineAnnealingLR, cosineAnnealingWarmRestarts, cyclicLR, lambdaLR, oneCycleLR,
 * sequentialLR or swalr every value is made of the one before, `sample` goes point by point from index 0 on, and there is no JSON.
 */
export const chainedScheduler = (schedulers: readonly Schedule[]): Schedule => chain({ schedulers });
