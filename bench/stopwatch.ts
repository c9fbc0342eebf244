import { Bench } from "tinybench";

export interface Effort {
  /** What goes before all samples of a column, for V8 to get to its last compiler. */
  readonly warmupMilliseconds: number;
  /** What one sample takes. */
  readonly milliseconds: number;
  readonly rounds: number;
}

/**
 * Parameters a batch covers, where one update does not: enough for the timer's grain, and still so short that on a busy machine most
 * batches are not interrupted. The C program does the same.
 */
const BATCH = 1 << 16;

/** Warms `run`, an update of `n` parameters, up and gives what samples it: the median over a short while in ns a parameter. */
export function stopwatch(run: () => void, n: number, { warmupMilliseconds, milliseconds }: Effort): () => number {
  const batch = Math.max(1, Math.floor(BATCH / n));
  const repeat = () => {
    for (let i = 0; i < batch; i++) run();
  };
  const warm = performance.now() + warmupMilliseconds;
  do repeat();
  while (performance.now() < warm);

  const bench = new Bench({
    time: milliseconds,
    iterations: 2,
    warmupTime: milliseconds / 4,
    warmupIterations: 1,
    timestampProvider: "hrtimeNow",
    subtractTimerOverhead: true,
    throws: true,
  });
  const [task] = bench.add("batch", repeat, { async: false }).tasks;
  return () => {
    task.warmupSync();
    task.runSync();
    if (task.result.state !== "completed") throw new Error(`bench: a batch ended as ${task.result.state}`);
    return (task.result.latency.p50 * 1e6) / (batch * n);
  };
}
