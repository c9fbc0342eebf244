import { createHash } from "node:crypto";
import type { BackendChoice, BackendName } from "../../src/index.ts";
import { Batches } from "./batches.ts";
import type { Mnist } from "./data.ts";
import { type Divergence, LossWatch } from "./loss-watch.ts";
import { BATCH, Network } from "./network.ts";
import { mulberry32 } from "./random.ts";
import { optimizers, type Run, scheduleOf } from "./recipes.ts";

/** One run on one backend. */
export interface Task {
  readonly run: Run;
  readonly backend: BackendChoice;
  readonly steps: number;
  readonly seed: number;
}

export interface Progress {
  readonly task: Task;
  readonly step: number;
  readonly loss: number;
}

export interface Outcome {
  readonly task: Task;
  readonly backend: BackendName;
  /** The smoothed training loss of every step. */
  readonly losses: readonly number[];
  readonly divergence: Divergence | undefined;
  /** The share of the test images that the network gets right. */
  readonly accuracy: number;
  /** Of the final parameters' bytes. */
  readonly hash: string;
  /** Milliseconds in all steps of the optimizer. */
  readonly stepTime: number;
  /** Milliseconds in all of the training. */
  readonly time: number;
}

const REPORT_EVERY = 25;

/** Trains a network from its seed to its end, or until it diverges. */
export function train(task: Task, data: Mnist, report: (progress: Progress) => void): Outcome {
  const { run, backend, steps, seed } = task;
  const random = mulberry32(seed);
  const optimizer = optimizers[run.optimizer].make({ lr: scheduleOf(run, steps), backend });
  const network = new Network(optimizer.params, optimizer.grads, random);
  const batches = new Batches(data.train.labels.length, BATCH, random);
  const watch = new LossWatch(steps / 5);
  const start = performance.now();
  let stepTime = 0;
  for (let step = 0; step < steps && !watch.divergence; step++) {
    const loss = network.backward(data.train, batches.next());
    const before = performance.now();
    optimizer.step();
    stepTime += performance.now() - before;
    watch.add(loss, optimizer.skipped === 0);
    if (step % REPORT_EVERY === 0) report({ task, step, loss: watch.losses.at(-1) ?? loss });
  }
  return {
    task,
    backend: optimizer.backend,
    losses: watch.losses,
    divergence: watch.divergence,
    time: performance.now() - start,
    stepTime,
    accuracy: network.accuracy(data.test),
    hash: hashOf(Object.values(optimizer.params)),
  };
}

function hashOf(arrays: readonly Float32Array[]): string {
  const hash = createHash("sha256");
  for (const array of arrays) hash.update(array);
  return hash.digest("hex").slice(0, 12);
}
