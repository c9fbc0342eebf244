import { diagnose, type Optimizer, type Shape } from "../src/index.ts";
import type { Case } from "./cases.ts";
import { elements, shapes } from "./latency.ts";
import { markdown } from "./markdown.ts";
import { timeAll } from "./progress.ts";
import { seeded } from "./random.ts";
import { type Effort, stopwatch } from "./stopwatch.ts";

/**
 * What a step takes and what telling a diagnosis of it adds, in ns: of the small model of latency.ts, and of one large tensor; in the long run,
 * and as a mean over a run's first thousand with its making.
 */
export interface DiagnosisTimes {
  readonly name: string;
  readonly smallStep: number;
  readonly smallUpdate: number;
  readonly smallFirst: number;
  readonly largeStep: number;
  readonly largeUpdate: number;
  readonly largeFirst: number;
}

const LARGE = 65_536;
const FIRST = 1000;

export function timeDiagnosis(cases: readonly Case[], effort: Effort): DiagnosisTimes[] {
  const times = timeAll("diagnose", cases, effort.rounds, (row) => {
    const small = columns(row, shapes, elements, effort);
    const large = columns(row, [[LARGE]], LARGE, effort);
    return {
      smallStep: small.step,
      smallUpdate: small.update,
      smallFirst: small.first,
      largeStep: large.step,
      largeUpdate: large.update,
      largeFirst: large.first,
    };
  });
  return cases.map(({ name }, i) => ({ name, ...times[i] }));
}

function columns({ make }: Case, shapes: readonly Shape[], n: number, effort: Effort) {
  const optimizer = seeded(make(shapes, { backend: "wasm" })) as Optimizer<readonly Shape[]>;
  const diagnosis = diagnose(optimizer);
  const step = stopwatch(() => optimizer.step(), n, effort);
  // As often in a batch as a step of the small model, whatever the size: enough to meet the calls that look.
  const update = stopwatch(() => diagnosis.update(1), elements, effort);
  const run = () => {
    const fresh = diagnose(optimizer);
    for (let k = 0; k < FIRST; k++) fresh.update(1);
  };
  const first = stopwatch(run, FIRST, effort);
  return { step: () => step() * n, update: () => update() * elements, first };
}

export function diagnosisTable(rows: readonly DiagnosisTimes[]): string {
  const at = (size: string) => [`${size} parameters`, `in the first ${FIRST.toLocaleString("en-US")} steps`];
  const header = ["step(), and what diagnose adds, ns", ...at(String(elements)), ...at("65,536")];
  const more = (step: number, update: number) => `${update.toFixed(1)} (${((100 * update) / step).toFixed(1)} %)`;
  const cell = (step: number, update: number) => `${step.toFixed(0)} + ${more(step, update)}`;
  return markdown(
    header,
    rows.map(({ name, smallStep, smallUpdate, smallFirst, largeStep, largeUpdate, largeFirst }) => [
      name,
      cell(smallStep, smallUpdate),
      more(smallStep, smallFirst),
      cell(largeStep, largeUpdate),
      more(largeStep, largeFirst),
    ]),
  );
}
