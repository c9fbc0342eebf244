import { number, readValues, seed } from "../flags.ts";

export const HELP = `Which learning rate, on MNIST: trains a small network at ever larger rates, one step at each, and shows the
loss over the rate with the rates that rules read off it before the loss rises, and the one to take.

npx tsx examples/find-lr [flags]

  --steps <integer>     how many rates between 1e-7 and 10, default 300
  --seed <integer>      of the first weights and the order of the images, default 1
  --help                this text`;

export interface Flags {
  readonly help: boolean;
  readonly steps: number;
  readonly seed: number;
}

/** @throws FlagError */
export function readFlags(args: string[]): Flags {
  const values = readValues(args, {
    steps: { type: "string" },
    seed: { type: "string" },
    help: { type: "boolean" },
  });
  return {
    help: values.help !== undefined,
    steps: number("steps", values.steps, "a whole number ≥ 2", (x) => Number.isSafeInteger(x) && x >= 2) ?? 300,
    seed: seed(values.seed),
  };
}
