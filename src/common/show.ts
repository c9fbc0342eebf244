import { isDetached, isLikeTypedArray, isReadable, isRegExp, typedArrayName } from "./realm.ts";

/** How much of a value a message shows. */
const CHARACTERS = 100;
const LINE = 500;
const ELEMENTS = 10;
const DEPTH = 3;
const LARGEST = 10n ** 30n;
/** And how many names. */
const MOST = 50;

/** How a value looks in a message: never long, and whatever it is, that never fails. */
export function show(value: unknown): string {
  return cut(shown(value, 0), LINE);
}

function shown(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return text(value);
    case "bigint":
      return -LARGEST < value && value < LARGEST ? `${value}n` : "a BigInt";
    case "symbol":
      return cut(String(value));
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "function":
      return isReadable(value) ? "a function" : "a revoked proxy";
    case "object":
      return value === null ? "null" : object(value, depth);
    default:
      return String(value);
  }
}

const cut = (line: string, most = CHARACTERS): string => (line.length > most ? `${line.slice(0, most)}…` : line);

const text = (value: string): string =>
  value.length > CHARACTERS
    ? `${JSON.stringify(value.slice(0, CHARACTERS))}… of ${value.length} characters`
    : JSON.stringify(value);

/** A getter, a trap or a proxy that is revoked may stand in the way anywhere. */
function object(value: object, depth: number): string {
  try {
    if (!isReadable(value)) return "a revoked proxy";
    if (Array.isArray(value)) return depth < DEPTH ? list(value, depth + 1) : "[…]";
    if (isRegExp(value)) return cut(RegExp.prototype.toString.call(value));
    const like = isLikeTypedArray(value) ? "a proxy or heir of " : "";
    return like + withArticle(classOf(value));
  } catch {
    return "an object";
  }
}

function list(values: readonly unknown[], depth: number): string {
  const { length } = values;
  const parts: string[] = [];
  for (let i = 0; i < length && i < ELEMENTS; i++) parts.push(i in values ? shown(values[i], depth) : "empty");
  return `[${parts.join(", ")}${length > ELEMENTS ? `, … ${length - ELEMENTS} more` : ""}]`;
}

function classOf(value: object): string {
  const typed = typedArrayName(value);
  if (typeof typed === "string") return isDetached(value as ArrayBufferView) ? `detached ${typed}` : typed;
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return "object";
  const name: unknown = prototype.constructor.name;
  return typeof name === "string" && /^[\w$]{1,40}$/.test(name) && name !== "Object" ? name : "object of a class";
}

/** A name as messages have it: as it is, if it reads as one. */
export const showName = (name: PropertyKey): string =>
  /^[\w$./-]{1,60}$/.test(String(name)) ? String(name) : show(name);

/** Names in a row, the first of them if they are many. */
export const showNames = (names: readonly string[]): string =>
  names.length > MOST
    ? `${names.slice(0, MOST).map(showName).join(", ")} and ${names.length - MOST} more`
    : names.map(showName).join(", ");

const withArticle = (noun: string): string => `${/^[AEIO]/i.test(noun) ? "an" : "a"} ${noun}`;
