import {
  adabelief,
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamHd,
  adamw,
  adan,
  ademamix,
  adopt,
  asgd,
  dadaptAdam,
  dog,
  dowg,
  ftrl,
  lamb,
  lars,
  lion,
  nadam,
  novograd,
  prodigy,
  radam,
  rmsprop,
  rprop,
  type Shape,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
  sgdHd,
  signum,
  sm3,
  yogi,
} from "../src/index.ts";
import * as hand from "./peers/hand-written/index.ts";

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
  state(param: number): Readonly<Record<string, Float32Array>>;
  step(): void;
}

/** One row of every table. */
export interface Case {
  readonly name: string;
  readonly make: (shapes: readonly Shape[], shared: Shared) => Timed;
  readonly hand: hand.Update;
  /** Its name in peers/c/optimizers.c, if it is there. */
  readonly c?: string;
  /** Whether it is timed on a square matrix; else on a vector. */
  readonly square?: true;
}

const ball = { momentum: 0.9 };
const nesterov = { ...ball, nesterov: true };

/** The optimizers that are measured from every side: at all sizes, with guards, and by the latency of a step. */
export const first: readonly Case[] = [
  { name: "sgd", make: (x, o) => sgd(x, o), hand: hand.sgd, c: "sgd" },
  { name: "sgd momentum", make: (x, o) => sgd(x, { ...o, ...ball }), hand: hand.momentum, c: "momentum" },
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

/** Element-wise as they are. */
const later: readonly Case[] = [
  { name: "lion", make: (x, o) => lion(x, o), hand: hand.lion, c: "lion" },
  { name: "adan", make: (x, o) => adan(x, o), hand: hand.adan, c: "adan" },
  { name: "adamax", make: (x, o) => adamax(x, o), hand: hand.adamax },
  { name: "nadam", make: (x, o) => nadam(x, o), hand: hand.nadam },
  { name: "radam", make: (x, o) => radam(x, o), hand: hand.radam },
  { name: "adabelief", make: (x, o) => adabelief(x, o), hand: hand.adabelief },
  { name: "yogi", make: (x, o) => yogi(x, o), hand: hand.yogi },
  { name: "adopt", make: (x, o) => adopt(x, o), hand: hand.adopt },
  { name: "ademamix", make: (x, o) => ademamix(x, o), hand: hand.ademamix },
  { name: "adadelta", make: (x, o) => adadelta(x, o), hand: hand.adadelta },
  { name: "ftrl", make: (x, o) => ftrl(x, o), hand: hand.ftrl },
  { name: "rprop", make: (x, o) => rprop(x, o), hand: hand.rprop },
  { name: "signum", make: (x, o) => signum(x, o), hand: hand.signum },
  // Without averaging it would be sgd.
  { name: "asgd averaging", make: (x, o) => asgd(x, { ...o, t0: 0 }), hand: hand.asgd },
  { name: "scheduleFreeSgd", make: (x, o) => scheduleFreeSgd(x, o), hand: hand.scheduleFreeSgd },
  { name: "scheduleFreeAdamw", make: (x, o) => scheduleFreeAdamw(x, o), hand: hand.scheduleFreeAdamw },
];

const decaying = { ...ball, weightDecay: 1e-4 };

/** Those that need a number of the whole tensor first, its norm or its share of agreeing signs, and so more passes. */
const perTensor: readonly Case[] = [
  // Without weight decay it would be sgd.
  { name: "lars", make: (x, o) => lars(x, { ...o, ...decaying }), hand: hand.lars },
  { name: "lamb", make: (x, o) => lamb(x, o), hand: hand.lamb },
  { name: "novograd", make: (x, o) => novograd(x, o), hand: hand.novograd },
  { name: "adamw cautious", make: (x, o) => adamw(x, { ...o, cautious: true }), hand: hand.cautious },
];

/** Those that update matrices as such. */
const matrices: readonly Case[] = [
  { name: "adafactor", make: (x, o) => adafactor(x, o), hand: hand.adafactor, square: true },
  { name: "sm3", make: (x, o) => sm3(x, o), hand: hand.sm3, square: true },
];

/** Those that sum over all parameters first. */
const surveying: readonly Case[] = [
  { name: "prodigy", make: (x, o) => prodigy(x, o), hand: hand.prodigy },
  { name: "dadaptAdam", make: (x, o) => dadaptAdam(x, o), hand: hand.dadaptAdam },
  { name: "dog", make: (x, o) => dog(x, o), hand: hand.dog },
  { name: "dowg", make: (x, o) => dowg(x, o), hand: hand.dowg },
  { name: "sgdHd", make: (x, o) => sgdHd(x, o), hand: hand.sgdHd },
  { name: "adamHd", make: (x, o) => adamHd(x, o), hand: hand.adamHd },
];

export const elementwise: readonly Case[] = [...first, ...later];
export const all: readonly Case[] = [...elementwise, ...perTensor, ...matrices, ...surveying];
