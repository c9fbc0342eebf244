/** Small trainings of many kinds whose best learning rate is known by trying: what is said of rates is held against them. */
import type { Optimizer } from "../src/index.ts";
import { makers } from "./makers.ts";
import { chosen, columns, type Kinds, ROWS } from "./problems.ts";
import { logUniform, type Random, random } from "./quadratics.ts";

/** A model, its data and how it is trained, all but the learning rate. */
export interface Task {
  readonly name: string;
  readonly steps: number;
  start(lr: number): {
    readonly optimizer: Optimizer;
    readonly loss: (step: number) => number;
    readonly whole: () => number;
  };
}

const pick = <T>(list: readonly T[], next: Random): T => list[Math.floor(next() * list.length)];

/** Some rows of all. */
function these(data: Float64Array, rows: readonly number[]): Float64Array {
  const n = columns(data);
  return Float64Array.from({ length: rows.length * n }, (_, i) => data[rows[Math.floor(i / n)] * n + (i % n)]);
}

const BIASES = /\.(b|bias|gain)$/;

/** One of many tasks, by number. */
export function task(seed: number, { problems, optimizers }: Kinds = chosen): Task {
  const next = random(seed);
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 4; i++) next();
  const [problem, kind] = [pick(Object.keys(problems), next), pick(Object.keys(optimizers), next)];
  const steps = Math.floor(logUniform(next, 80, 320));
  const batch = pick([4, 16, 48, ROWS], next);
  const wish = next() < 0.6;
  const { net, inputs, targets, frozen } = problems[problem](next);
  const apart = wish && Object.keys(net.weights).some((name) => BIASES.test(name));
  const { make, options } = optimizers[kind];
  const groups = [
    ...(frozen ? [{ match: frozen, trainable: false }] : []),
    ...(apart ? [{ match: frozen ? /^z\.b/ : BIASES, weightDecay: 0 }] : []),
  ];
  return {
    name: `${problem} by ${kind}, ${steps} steps of ${batch}${apart ? ", biases apart" : ""} (${seed})`,
    steps,
    start(lr) {
      const optimizer: Optimizer = makers[make](net.weights, { lr, ...options, groups });
      const evaluate = net.bind(optimizer.params as never, optimizer.grads as never);
      const order = random(seed + 1e6);
      return {
        optimizer,
        whole: () => evaluate(inputs, targets),
        loss: () => {
          if (batch === ROWS) return evaluate(inputs, targets);
          const rows = Array.from({ length: batch }, () => Math.floor(order() * ROWS));
          return evaluate(these(inputs, rows), these(targets, rows));
        },
      };
    },
  };
}

/** What a run came to: the loss over all rows before it, and after it as a mean over its last tenth. */
export interface Outcome {
  readonly began: number;
  readonly ended: number;
}

/** Runs a task; `watch` is told of its optimizer and returns what is called after every step with that step's loss. */
export function train(
  { start, steps }: Task,
  lr: number,
  watch?: (optimizer: Optimizer) => (loss: number) => void,
): Outcome {
  const { optimizer, loss, whole } = start(lr);
  const began = whole();
  const tell = watch?.(optimizer);
  let ended = 0;
  for (let k = 1; k <= steps; k++) {
    const value = loss(k);
    optimizer.step();
    tell?.(value);
    if (k === steps || k === Math.floor(0.95 * steps) || k === Math.floor(0.9 * steps)) ended += whole() / 3;
  }
  optimizer.dispose();
  return { began, ended };
}

/** A task whose best rate is known: that of rates a factor of 2 apart with which it ended lowest. */
export interface Known {
  readonly task: Task;
  readonly best: number;
  readonly lowest: number;
}

/** The best of every fourth rate from 2^-20 to 2^8, then of its neighbours. */
export function best(one: Task): Outcome & { readonly lr: number } {
  const tried = (rates: readonly number[]) => rates.map((lr) => ({ lr, ...train(one, lr) }));
  const lowest = (outcomes: readonly (Outcome & { readonly lr: number })[]) =>
    outcomes.reduce((a, b) => (a.ended <= b.ended ? a : b));
  const near = lowest(tried(Array.from({ length: 15 }, (_, i) => 4 ** (i - 10))));
  return lowest([near, ...tried([near.lr / 2, near.lr * 2])]);
}

/** The first of many tasks that have a best rate: where the loss all but vanishes the largest rates are as good as any. */
export function known(count: number, set?: Kinds): Known[] {
  const found: Known[] = [];
  for (let seed = 0; found.length < count; seed++) {
    const one = task(seed, set);
    const { lr, began, ended } = best(one);
    if (ended > 1e-4 * began) found.push({ task: one, best: lr, lowest: ended });
  }
  return found;
}
