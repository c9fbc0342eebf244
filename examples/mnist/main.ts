import { run } from "../flags.ts";
import { work } from "./crew.ts";
import { loadMnist } from "./data.ts";
import { HELP, readFlags } from "./flags.ts";
import { BATCH } from "./network.ts";
import { ProgressBars } from "./progress-bars.ts";
import { opening, report } from "./report.ts";
import { disagrees } from "./results.ts";
import { alone, tour } from "./tour.ts";
import type { Task } from "./train.ts";

const DIFFERENT_BITS = 1;

run(async (args) => {
  const flags = readFlags(args);
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const data = loadMnist();
  const sections = flags.run ? [alone(flags.run)] : tour;
  const runs = [...new Set(sections.flatMap(({ rows }) => rows.map(({ run }) => run)))];
  const { epochs, seed, backends } = flags;
  const steps = Math.max(1, Math.round(epochs * Math.ceil(data.train.labels.length / BATCH)));
  const tasks = runs.map((run): Task => ({ run, backends, steps, seed }));

  console.log(opening(data, tasks));
  const bars = new ProgressBars(tasks);
  const outcomes = await work(tasks, data, bars);
  bars.stop();

  const results = runs.map((run, i) => ({ run, outcome: outcomes[i] }));
  console.log(`\n\n${report(sections, results)}`);
  return results.some(disagrees) ? DIFFERENT_BITS : 0;
});
