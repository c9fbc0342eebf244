import { parseArgs } from "node:util";

/** A flag that is unknown or has a value that makes no sense; the message is for the user. */
export class FlagError extends Error {}

export type FlagValue = string | boolean | undefined;
type FlagTypes = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;

const WRONG_FLAG = 2;

/** Runs a program, which returns its exit code. */
export async function run(main: (args: string[]) => number | Promise<number>): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(error.message);
    process.exitCode = WRONG_FLAG;
  }
}

/** @throws FlagError */
export function readValues<F extends FlagTypes>(args: string[], options: F): Readonly<Record<keyof F, FlagValue>> {
  const flags = Object.keys(options)
    .map((flag) => `--${flag}`)
    .join(", ");
  const types: FlagTypes = options;
  // Not strict: the messages of `parseArgs` go over several lines and take "-1" for a flag.
  const { values, positionals, tokens } = parseArgs({ args, options: types, strict: false, tokens: true });
  for (const token of tokens)
    if (token.kind === "option" && !Object.hasOwn(options, token.name))
      throw new FlagError(`unknown flag ${token.rawName}: expected one of ${flags}`);
  if (positionals.length > 0)
    throw new FlagError(`unexpected argument ${show(positionals[0])}: expected one of ${flags}`);
  return values as Readonly<Record<keyof F, FlagValue>>;
}

export function number(
  flag: string,
  value: FlagValue,
  expected: string,
  fits: (x: number) => boolean,
): number | undefined {
  if (value === undefined) return undefined;
  const x = typeof value === "string" && value.trim() !== "" ? Number(value) : NaN;
  if (Number.isFinite(x) && fits(x)) return x;
  throw new FlagError(`--${flag} must be ${expected}, got ${show(value)}`);
}

export function seed(value: FlagValue): number {
  return number("seed", value, "a whole number in [0, 4294967295]", (x) => x === x >>> 0) ?? 1;
}

export function word<W extends string>(flag: string, value: FlagValue, words: readonly W[]): W {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new FlagError(`--${flag} must be one of ${words.join(", ")}, got ${show(value)}`);
}

const show = (value: FlagValue) => (typeof value === "string" ? JSON.stringify(value) : "nothing");
