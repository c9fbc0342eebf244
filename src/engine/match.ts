import { isFunction, isRegExp } from "../common/realm.ts";
import { show, showName, showNames } from "../common/show.ts";
import type { Shape } from "../common/types.ts";
import type { Tensor } from "../memory/tensors.ts";

/**
 * Which parameters a group takes: one by its name, several by a pattern or a predicate. Names are looked up, so that 10,000 groups are made
 * in a second; each parameter asks the patterns and predicates one after the other.
 */
export type Match = string | RegExp | ((name: string, shape: Shape) => boolean);

/**
 * What asks a parameter, of a match that is no name.
 *
 * @throws TypeError unless `match` is a `Match`; what is returned throws one if a predicate answers neither true nor false
 */
export function matcher(owner: string, where: string, match: unknown): ((tensor: Tensor) => boolean) | undefined {
  if (typeof match === "string") return undefined;
  // A global or sticky expression remembers where it was: search() does not.
  if (isRegExp(match)) return ({ name }) => name.search(match) >= 0;
  if (isFunction(match)) return ({ name, shape }) => answer(owner, where, name, match(name, shape));
  throw new TypeError(`${owner}: ${where}.match must be a name, a RegExp or a function, got ${show(match)}`);
}

function answer(owner: string, where: string, name: string, given: unknown): boolean {
  if (typeof given === "boolean") return given;
  throw new TypeError(`${owner}: ${where}.match must return true or false, got ${show(given)} for ${showName(name)}`);
}

/** What to say of a match that takes none of the parameters `names`: what they are called and, of a part of a name, how to write it. */
export function unmatched(match: unknown, names: readonly string[]): string {
  const said = `must match a parameter that no group before it has, got ${show(match)}`;
  return `${said}; the parameters are ${showNames(names)}${typeof match === "string" ? exact(match, names) : ""}`;
}

function exact(match: string, names: readonly string[]): string {
  if (names.includes(match)) return "";
  const pattern = new RegExp(match.replaceAll(/[^\w\s-]/g, "\\$&"));
  return `; a string is a whole name, a RegExp a pattern, as ${show(pattern)}`;
}
