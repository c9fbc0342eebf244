/** Calls with bad input, and what may come of them. */
import { isDeepStrictEqual, types } from "node:util";
import { badValue, boom, Dice, spoilAll, spoilOne } from "./bad-values.ts";
import { all as makers } from "./makers.ts";
import { type Arguments, available, type Callable, functions, subjects, tired } from "./surface.ts";

export const { all, missing } = await functions();

/** What messages begin with: functions and, in some, what is behind them. */
const owners = new Set([
  ...all.map(({ name }) => name.slice(name.lastIndexOf(" ") + 1)),
  ...makers.map(({ spec }) => spec.name),
  "arena",
  "toJSON",
]);

/** What the engine says, should it begin like one of ours. */
const engine =
  /undefined \(reading|is not (a function|iterable|a constructor)|call stack|Cannot (convert|read|mix|perform|destructure)|incompatible receiver|Invalid (array|typed array) length|out of bounds|has been revoked/;

export const counts = { calls: 0, succeeded: 0, refused: 0, passed: 0 };
/** What TensorFlow.js says of its own accord. */
const isForeign = (error: unknown): boolean =>
  error instanceof Error &&
  /^.*\n *at .*tfjs-core/.test(error.stack?.slice(error.stack.indexOf("\n    at ") - 1) ?? "");

function judge(error: unknown): void {
  if (error === boom || error === tired) {
    counts.passed++;
    return;
  }
  counts.refused++;
  if (isForeign(error)) return;
  if (!(error instanceof Error)) throw new Error(`threw no error: ${String(error)}`);
  const { name, message } = error;
  const [, owner] = /^([\w.]+): /.exec(message) ?? [];
  const ours = owners.has(owner) && ["TypeError", "RangeError", "Error"].includes(name) && message.length < 4000;
  if (!ours || engine.test(message)) throw new Error(`${name}: ${message.slice(0, 500)}`, { cause: error });
}

/** @returns whether it succeeded */
async function attempt(call: () => unknown): Promise<boolean> {
  counts.calls++;
  try {
    const result = call();
    if (types.isPromise(result)) await result;
    counts.succeeded++;
    return true;
  } catch (error) {
    judge(error);
    return false;
  }
}

function spoiled(args: Arguments, dice: Dice): unknown[] {
  const given = args();
  if (dice.next() < 0.85) spoilOne(given, dice);
  else spoilAll(given, dice);
  return given;
}

/** A function with spoiled arguments. */
export async function callOne(seed: number): Promise<void> {
  const dice = new Dice(seed);
  const { name, call, args } = dice.one(all);
  const given = spoiled(args, dice);
  const before = available();
  const fine = await attempt(() => call(...given)).catch((error) => fail(name, error));
  if (!fine && available() !== before) throw new Error(`${name}: the arena has less room than before`);
}

/** A member of something with spoiled arguments. */
export async function useOne(seed: number): Promise<void> {
  const dice = new Dice(seed);
  const { name, make, members, state } = dice.one(subjects);
  const subject = make();
  const member = dice.one(Object.keys(members));
  const given = spoiled(members[member], dice);
  const before = state(subject);
  const where = `${name}.${member}`;
  const fine = await attempt(() => use(subject, member, given, dice)).catch((error) => fail(where, error));
  if (!fine && !isDeepStrictEqual(state(subject), before)) throw new Error(`${where}: failed and changed something`);
}

/** Calls a method, sets what can be set, reads what cannot. */
export function use(subject: object, member: string, given: unknown[], dice: Dice): unknown {
  if (member === "call" && typeof subject === "function") return (subject as Callable)(...given);
  const value: unknown = Reflect.get(subject, member);
  if (typeof value === "function" && member !== "project") return Reflect.apply(value, subject, given);
  if (given.length > 0) return Reflect.set(subject, member, given.length > 1 ? badValue(dice) : given[0]);
  return value;
}

function fail(where: string, error: unknown): never {
  throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
