import {
  check,
  checkKeys,
  finite,
  fixed,
  type Options,
  type OptionTable,
  type Resolved,
  resolve,
} from "../../options.ts";
import type { Schedule } from "../../schedule.ts";

/**
 * A schedule of another house by the names of its arguments, in camelCase, with its defaults: made of the library's own, whose JSON it has.
 *
 * @throws TypeError or RangeError that names the argument, what was expected and what came
 */
export function house<const O extends OptionTable, S extends Schedule = Schedule>(
  name: string,
  options: O,
  make: (options: Resolved<O>) => S,
): (options: Options<O>) => S {
  return (given) => {
    checkKeys(name, given, Object.keys(options));
    return make(resolve(name, options, given));
  };
}

/** A learning rate that others are made from. */
const base = fixed(finite(0));

/** The same where the house takes an optimizer first: its learning rate stands there. */
export function onLr<const O extends OptionTable, S extends Schedule = Schedule>(
  name: string,
  options: O,
  make: (lr: number, options: Resolved<O>) => S,
): (lr: number, ...options: Record<never, never> extends Options<O> ? [Options<O>?] : [Options<O>]) => S {
  return (lr, ...[given]) => {
    check(name, "lr", base, lr);
    return house(name, options, (resolved) => make(lr, resolved))((given ?? {}) as Options<O>);
  };
}
