import type { Shape } from "../src/index.ts";
import { markdown, ratio } from "./markdown.ts";
import { stepper, type TfjsBackend, type TfjsCase, tfjsCases, useBackend } from "./peers/tfjs.ts";
import { timeAll } from "./progress.ts";
import { type Effort, stopwatch } from "./stopwatch.ts";

interface Work {
  readonly name: string;
  readonly shapes: readonly Shape[];
}

/** Twenty dense layers of 64 units. */
const layers = Array.from({ length: 20 }, (): Shape[] => [[64, 64], [64]]).flat();

export const LARGE = "one variable of 1,000,000";
const works: readonly Work[] = [
  { name: LARGE, shapes: [[1_000_000]] },
  { name: "40 variables, 83,200 elements", shapes: layers },
];

/** What one `applyGradients` takes, in µs. */
export interface TfjsTimes {
  readonly name: string;
  readonly backend: TfjsBackend;
  readonly work: string;
  readonly ours: number;
  readonly theirs: number;
}

/** TensorFlow.js has one backend at a time, so that the backends do not take turns; ours and theirs do. */
export async function timeTfjs(effort: Effort): Promise<TfjsTimes[]> {
  const times: TfjsTimes[] = [];
  for (const backend of ["wasm", "cpu"] as const) {
    await useBackend(backend);
    // A step of theirs is up to a quarter of a second on the cpu backend.
    const own = backend === "cpu" ? { ...effort, rounds: Math.min(effort.rounds, 3) } : effort;
    for (const work of works) times.push(...timeWork(backend, work, own));
  }
  return times;
}

function timeWork(backend: TfjsBackend, { name: work, shapes }: Work, effort: Effort): TfjsTimes[] {
  const elements = shapes.flatMap((shape) => shape.reduce((a, b) => a * b, 1)).reduce((a, b) => a + b, 0);
  const column = (make: TfjsCase["ours"]) => {
    const sample = stopwatch(stepper(make(), shapes), elements, effort);
    return () => (sample() * elements) / 1000;
  };
  const times = timeAll(`TensorFlow.js ${backend}, ${work}`, tfjsCases, effort.rounds, ({ ours, theirs }) => ({
    ours: column(ours),
    theirs: column(theirs),
  }));
  return tfjsCases.map(({ name }, i) => ({ name, backend, work, ...times[i] }));
}

export function tfjsTable(times: readonly TfjsTimes[]): string {
  const header = ["", "optimizer", "ours, µs", "tf.train, µs", "tf.train : ours"];
  const body = times.map(({ name, backend, work, ours, theirs }) => [
    `${backend}, ${work}`,
    name,
    ours.toPrecision(3),
    theirs.toPrecision(3),
    ratio(theirs, ours),
  ]);
  return markdown(header, body);
}
