import { MultiBar, Presets } from "cli-progress";
import { type Listener, WORKERS } from "./crew.ts";
import { lossText, runText } from "./format.ts";
import type { Outcome, Progress, Task } from "./train.ts";

/** Bars on stderr: one for all runs and one for what each worker trains. Where there is no terminal, a line now and then. */
export class ProgressBars implements Listener {
  readonly #bars = new MultiBar(
    {
      format: " {bar} {percentage} % {label}",
      barsize: 30,
      clearOnComplete: true,
      linewrap: true,
      gracefulExit: false,
      noTTYOutput: true,
      notTTYSchedule: 5000,
    },
    Presets.shades_classic,
  );
  readonly #all;
  readonly #workers;
  readonly #runs: number;
  readonly #current = new Array<number>(WORKERS).fill(0);
  #finishedRuns = 0;
  #finishedSteps = 0;

  constructor(tasks: readonly Task[]) {
    const steps = tasks.reduce((sum, task) => sum + task.steps, 0);
    this.#runs = tasks.length;
    this.#all = this.#bars.create(steps, 0, { label: "" });
    this.#workers = Array.from({ length: process.stderr.isTTY ? WORKERS : 0 }, () =>
      this.#bars.create(1, 0, { label: "" }),
    );
    this.#show();
  }

  progress(worker: number, { task, step, loss }: Progress): void {
    this.#current[worker] = step;
    const bar = this.#workers.at(worker);
    bar?.setTotal(task.steps);
    bar?.update(step, { label: `${runText(task.run)}: loss ${lossText(loss)}` });
    this.#show();
  }

  outcome(worker: number, { task }: Outcome): void {
    this.#current[worker] = 0;
    this.#finishedRuns++;
    this.#finishedSteps += task.steps;
    this.#show();
  }

  stop(): void {
    this.#bars.stop();
  }

  #show(): void {
    const steps = this.#current.reduce((sum, step) => sum + step, this.#finishedSteps);
    this.#all.update(steps, { label: `${this.#finishedRuns} of ${this.#runs} runs` });
  }
}
