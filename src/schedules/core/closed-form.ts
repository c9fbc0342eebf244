import { type Fields, namedScalars } from "../../common/named-scalars.ts";
import type { OptionTable, Resolved } from "../../common/options.ts";
import type { Curve } from "../../kernels/backend.ts";
import type { ScheduleName } from "../../kernels/names.ts";
import { type After, ended, modeOf } from "./after.ts";
import { composed, type ScheduleFactory, type ScheduleSpec } from "./schedule.ts";

/**
 * A schedule that one kernel evaluates.
 *
 * @typeParam O the table of its options
 * @typeParam C the names of its closed form's constants, in the kernel's order
 */
export interface ClosedForm<O extends OptionTable, C extends string> extends Omit<ScheduleSpec<O>, "curve"> {
  readonly kernel: ScheduleName;
  readonly scalars: readonly C[];
  /** The closed form's constants. */
  constants(options: Resolved<O>, c: Fields<C>): void;
  /** A list that the closed form needs beside its constants. */
  list?(options: Resolved<O>): readonly number[];
  /** What comes after its last step, if it has one: its first constant `steps`, beyond which `at` is not asked. */
  after?(options: Resolved<O>): After;
  /** The value at index `k`. */
  at(k: number, c: Readonly<Fields<C>>, list: Float64Array): number;
  /** What a function of the user's makes of that value, if there is one. */
  custom?(options: Resolved<O>): ((value: number, k: number) => number) | undefined;
}

/** Turns a closed form into the function that makes schedules of it. */
export function schedule<const O extends OptionTable, const C extends string>(
  form: ClosedForm<O, C>,
): ScheduleFactory<O> {
  const curve = curves(form);
  return composed({ ...form, curve } as ScheduleSpec<O>);
}

/** What makes curves of options. */
export function curves<O extends OptionTable, C extends string>(
  form: ClosedForm<O, C>,
): (options: Resolved<O>) => Curve {
  const Constants = namedScalars(form.scalars);
  return (options) => {
    const scalars = new Float64Array(form.scalars.length);
    const c = new Constants(scalars);
    form.constants(options, c);
    const list = form.list && Float64Array.from(form.list(options));
    const inside = (k: number) => form.at(k, c, list as Float64Array);
    const after = form.after?.(options);
    const [steps] = scalars;
    const at = after === undefined ? inside : ended(form.name, inside, steps, after);
    const args = after === undefined ? [...scalars] : [modeOf(after), ...scalars];
    const last = after === "throw" ? Math.floor(steps) : Infinity;
    const write: Curve["write"] = (start, out, sampler) => {
      if (start + out.length > last + 1) at(Math.max(start, last + 1));
      sampler.run(form.kernel, start, out, args, list);
    };
    const curve: Curve = { at, depth: 1, list: list?.length ?? 0, write };
    const custom = form.custom?.(options);
    return custom ? mapped(curve, custom) : curve;
  };
}

/** A curve's values by a function of the user's. */
export function mapped(curve: Curve, fn: (value: number, k: number) => number): Curve {
  return {
    at: (k) => fn(curve.at(k), k),
    depth: curve.depth + 1,
    list: curve.list,
    write(start, out, sampler) {
      curve.write(start, out, sampler);
      for (let i = 0; i < out.length; i++) out[i] = fn(out[i], start + i);
    },
  };
}
