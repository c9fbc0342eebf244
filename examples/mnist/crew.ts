import { Worker } from "node:worker_threads";
import type { Mnist } from "./data.ts";
import type { Outcome, Progress, Task } from "./train.ts";
import type { Message } from "./worker.ts";

export const WORKERS = 2;

export interface Listener {
  progress(worker: number, progress: Progress): void;
  outcome(worker: number, outcome: Outcome): void;
}

/** Deals the tasks to the workers, who share the data, and returns the outcomes in the order of the tasks. */
export async function work(tasks: readonly Task[], data: Mnist, listener: Listener): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const employ = (index: number) =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL("./tsx-worker.mjs", import.meta.url), { workerData: data });
      let current = -1;
      const dealOrDismiss = () => {
        current = next++;
        if (current < tasks.length) worker.postMessage(tasks[current]);
        else resolve(worker.terminate().then(() => {}));
      };
      worker.on("error", reject);
      worker.on("message", (message: Message) => {
        if ("progress" in message) {
          listener.progress(index, message.progress);
          return;
        }
        outcomes[current] = message.outcome;
        listener.outcome(index, message.outcome);
        dealOrDismiss();
      });
      dealOrDismiss();
    });
  await Promise.all(Array.from({ length: WORKERS }, (_, index) => employ(index)));
  return outcomes;
}
