import { meant } from "./option-names.ts";
import { elementsOf, isPlainObject } from "./realm.ts";
import { show, showName } from "./show.ts";

/**
 * A copy of options, in which every property and every element of a list was read once: what is checked is what is used. Only what the
 * object has itself is an option, so the copy inherits nothing.
 *
 * @throws TypeError unless it is a plain object whose every key is one of `known`; what its getters throw
 */
export function readOptions<O extends object>(owner: string, given: O, known: readonly string[]): O {
  if (!isPlainObject(given)) throw new TypeError(`${owner}: options must be an object, got ${show(given)}`);
  const symbol = Object.getOwnPropertySymbols(given).at(0);
  if (symbol) throw new TypeError(`${owner}: unknown option ${show(symbol)}, expected ${oneOf(known)}`);
  const read: O = Object.create(null);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw new TypeError(`${owner}: unknown option ${unknown(key, known)}`);
    const value: unknown = Reflect.get(given, key);
    Reflect.set(read, key, elementsOf(value) ?? value);
  }
  return read;
}

function unknown(key: string, known: readonly string[]): string {
  const names = meant(key, known);
  const guess = names.length > 0 ? ` (did you mean ${names.join(", ")}?)` : "";
  return `${showName(key)}${guess}, expected ${oneOf(known)}`;
}

const oneOf = (known: readonly string[]): string => (known.length > 0 ? `one of ${known.join(", ")}` : "none");
