import { readOptions } from "../common/given.ts";
import {
  check,
  finite,
  type Options,
  type OptionTable,
  type Resolved,
  required,
  resolve,
  type ScheduleFunction,
} from "../common/options.ts";
import { extentOf } from "../schedules/core/extent.ts";

/**
 * A schedule of another house by the names of its arguments, in camelCase, with its defaults: made of the library's own, whose JSON it has.
 *
 * @param conflict what is wrong with arguments that are right one by one, if anything
 * @throws TypeError or RangeError that names the argument, what was expected and what came
 */
export function house<const O extends OptionTable, S extends ScheduleFunction>(
  name: string,
  options: O,
  make: (options: Resolved<O>) => S,
  conflict?: (options: Resolved<O>) => string | undefined,
): (options: Options<O>) => S {
  return (given) => {
    const resolved = resolve(name, options, readOptions(name, given, Object.keys(options)));
    extentOf(name, Object.values(resolved).flat());
    const wrong = conflict?.(resolved);
    if (wrong !== undefined) throw new RangeError(`${name}: ${wrong}`);
    return make(resolved);
  };
}

/** A learning rate that others are made from. */
const base = required(finite(0));

/** The same where the house takes an optimizer first: its learning rate stands there. */
export function onLr<const O extends OptionTable, S extends ScheduleFunction>(
  name: string,
  options: O,
  make: (lr: number, options: Resolved<O>) => S,
  conflict?: (lr: number, options: Resolved<O>) => string | undefined,
): (lr: number, ...options: Record<never, never> extends Options<O> ? [Options<O>?] : [Options<O>]) => S {
  return (lr, ...[given = {} as Options<O>]) => {
    check(name, "lr", base, lr);
    const made = house(
      name,
      options,
      (resolved) => make(lr, resolved),
      (resolved) => conflict?.(lr, resolved),
    );
    return made(given);
  };
}
