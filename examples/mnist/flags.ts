import type { BackendChoice } from "../../src/index.ts";
import { type FlagValue, number, readValues, seed, word } from "../flags.ts";
import { type OptimizerName, optimizers, type Run, type ScheduleName, schedules } from "./recipes.ts";

const names = <K extends string>(table: Readonly<Record<K, unknown>>) => Object.keys(table) as K[];

const OPTIMIZERS = names(optimizers);
const SCHEDULES = names(schedules);
const BACKENDS: readonly BackendChoice[] = ["wasm", "plain", "auto"];

export const HELP = `What a learning rate does, on MNIST: trains a small network with fixed learning rates, with every
schedule and with every optimizer, on both backends, and shows what came of it. Given --optimizer,
--lr or --schedule it trains that one configuration.

npm start -- [flags]

  --epochs <number>     passes over the 60,000 images, default 1; 0.1 is a tenth of one
  --optimizer <name>    ${OPTIMIZERS.join(", ")}; default sgd
  --lr <number>         the learning rate or a schedule's highest; default: what suits the optimizer
  --schedule <name>     ${SCHEDULES.slice(0, 4).join(", ")},
                        ${SCHEDULES.slice(4).join(", ")}; default constant
  --backend <name>      ${BACKENDS.join(", ")}; default: both wasm and plain, compared
  --seed <integer>      of the first weights and the order of the images, default 1
  --help                this text`;

export interface Flags {
  readonly help: boolean;
  readonly epochs: number;
  readonly seed: number;
  readonly backends: readonly BackendChoice[];
  /** The one configuration asked for, if any. */
  readonly run: Run | undefined;
}

const options = {
  epochs: { type: "string" },
  optimizer: { type: "string" },
  lr: { type: "string" },
  schedule: { type: "string" },
  backend: { type: "string" },
  seed: { type: "string" },
  help: { type: "boolean" },
} as const;

/** @throws FlagError */
export function readFlags(args: string[]): Flags {
  const { help, epochs, optimizer, lr, schedule, backend, seed: given } = readValues(args, options);
  return {
    help: help !== undefined,
    epochs: number("epochs", epochs, "a number > 0", (x) => x > 0) ?? 1,
    seed: seed(given),
    backends: backend === undefined ? ["wasm", "plain"] : [word("backend", backend, BACKENDS)],
    run: runOf(optimizer, lr, schedule),
  };
}

function runOf(optimizer: FlagValue, lr: FlagValue, schedule: FlagValue): Run | undefined {
  if (optimizer === undefined && lr === undefined && schedule === undefined) return undefined;
  const name: OptimizerName = word("optimizer", optimizer ?? "sgd", OPTIMIZERS);
  const scheduleName: ScheduleName = word("schedule", schedule ?? "constant", SCHEDULES);
  const rate = number("lr", lr, "a number > 0", (x) => x > 0) ?? optimizers[name].lr;
  return { optimizer: name, lr: rate, schedule: scheduleName };
}
