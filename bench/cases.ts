import { adagrad, adam, adamw, rmsprop, type Shape, sgd } from "../src/index.ts";
import * as hand from "./peers/hand-written.ts";

/** What a case leaves to whoever times it. */
export interface Shared {
  readonly lr?: number;
  readonly backend?: "wasm" | "plain";
  readonly onNonFinite?: "ignore";
  readonly clipNorm?: number;
}

/** As much of an optimizer as is timed. */
export interface Timed {
  readonly params: readonly Float32Array[];
  readonly grads: readonly Float32Array[];
  state(param: number): object;
  step(): void;
}

const nesterov = { momentum: 0.9, nesterov: true };

/** One row of every table. */
export interface Case {
  readonly name: string;
  readonly make: (shapes: readonly Shape[], shared: Shared) => Timed;
  readonly hand: hand.Update;
  /** Its name in peers/c/optimizers.c. */
  readonly c: string;
}

export const cases: readonly Case[] = [
  { name: "sgd", make: (x, o) => sgd(x, o), hand: hand.sgd, c: "sgd" },
  { name: "sgd momentum", make: (x, o) => sgd(x, { ...o, momentum: 0.9 }), hand: hand.momentum, c: "momentum" },
  { name: "nesterov", make: (x, o) => sgd(x, { ...o, ...nesterov }), hand: hand.nesterov, c: "nesterov" },
  { name: "adagrad", make: (x, o) => adagrad(x, o), hand: hand.adagrad, c: "adagrad" },
  { name: "rmsprop", make: (x, o) => rmsprop(x, o), hand: hand.rmsprop, c: "rmsprop" },
  {
    name: "rmsprop centered",
    make: (x, o) => rmsprop(x, { ...o, centered: true }),
    hand: hand.centered,
    c: "centered",
  },
  { name: "adam", make: (x, o) => adam(x, o), hand: hand.adam, c: "adam" },
  { name: "adam amsgrad", make: (x, o) => adam(x, { ...o, amsgrad: true }), hand: hand.amsgrad, c: "amsgrad" },
  { name: "adamw", make: (x, o) => adamw(x, o), hand: hand.adamw, c: "adamw" },
];
