import { createHash } from "node:crypto";
import type { BackendChoice, BackendName } from "../../src/index.ts";
import { Batches } from "./batches.ts";
import type { Mnist } from "./data.ts";
import { type Divergence, LossWatch } from "./loss-watch.ts";
import { type Arrays, BATCH, Network } from "./network.ts";
import { mulberry32 } from "./random.ts";
import { optimizers, type Run, scheduleOf } from "./recipes.ts";

/** One run, by as many optimizers as there are backends. */
export interface Task {
  readonly run: Run;
  readonly backends: readonly BackendChoice[];
  readonly steps: number;
  readonly seed: number;
}

export interface Progress {
  readonly task: Task;
  readonly step: number;
  readonly loss: number;
}

/** What a backend made of the run's gradients. */
export interface Descent {
  readonly backend: BackendName;
  /** Of the final parameters' bytes. */
  readonly hash: string;
  /** Milliseconds that a step of the optimizer took: the median. */
  readonly stepTime: number;
}

export interface Outcome {
  readonly task: Task;
  readonly descents: readonly Descent[];
  /** The smoothed training loss of every step. */
  readonly losses: readonly number[];
  readonly divergence: Divergence | undefined;
  /** The share of the test images that the network gets right. */
  readonly accuracy: number;
  /** Milliseconds that the network took for a gradient: the median. */
  readonly gradientTime: number;
}

const REPORT_EVERY = 25;

/**
 * Trains a network from its seed to its end, or until it diverges. The first backend's optimizer moves the network; the others get the
 * same first weights and the same gradients, and end with the same parameters if, and only if, each of their steps gives the same bits.
 */
export function train(task: Task, data: Mnist, report: (progress: Progress) => void): Outcome {
  const { run, backends, steps, seed } = task;
  const random = mulberry32(seed);
  const lr = scheduleOf(run, steps);
  const twins = backends.map((backend) => optimizers[run.optimizer].make({ lr, backend }));
  const [optimizer, ...others] = twins;
  const network = new Network(optimizer.params, optimizer.grads, random);
  for (const other of others) copy(optimizer.params, other.params);
  const batches = new Batches(data.train.labels.length, BATCH, random);
  const watch = new LossWatch(steps / 5);
  const gradientTimes: number[] = [];
  const stepTimes = twins.map((): number[] => []);
  for (let step = 0; step < steps && !watch.divergence; step++) {
    const start = performance.now();
    const loss = network.backward(data.train, batches.next());
    gradientTimes.push(performance.now() - start);
    for (const other of others) copy(optimizer.grads, other.grads);
    for (const [i, twin] of twins.entries()) {
      const before = performance.now();
      twin.step();
      stepTimes[i].push(performance.now() - before);
    }
    watch.add(loss, optimizer.skipped === 0);
    if (step % REPORT_EVERY === 0) report({ task, step, loss: watch.losses.at(-1) ?? loss });
  }
  return {
    task,
    losses: watch.losses,
    divergence: watch.divergence,
    accuracy: network.accuracy(data.test),
    gradientTime: median(gradientTimes),
    descents: twins.map(({ backend, params }, i) => ({
      backend,
      hash: hashOf(Object.values(params)),
      stepTime: median(stepTimes[i]),
    })),
  };
}

function copy(from: Arrays, to: Arrays): void {
  const targets = Object.values(to);
  for (const [i, array] of Object.values(from).entries()) targets[i].set(array);
}

/** What one pause spoils no more than any other time. */
const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1];

function hashOf(arrays: readonly Float32Array[]): string {
  const hash = createHash("sha256");
  for (const array of arrays) hash.update(array);
  return hash.digest("hex").slice(0, 12);
}
