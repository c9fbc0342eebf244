import type { Case, Shared } from "./cases.ts";
import { count, markdown, nanoseconds } from "./markdown.ts";
import { options } from "./peers/hand-written/index.ts";
import { timeAll } from "./progress.ts";
import { seeded } from "./random.ts";
import { type Effort, stopwatch } from "./stopwatch.ts";

/** What checking and clipping the gradients adds to an update, in ns a parameter. */
export interface GuardTimes {
  readonly name: string;
  readonly bare: number;
  readonly guarded: number;
  readonly within: number;
  readonly clipped: number;
}

export function timeGuards(cases: readonly Case[], n: number, effort: Effort): GuardTimes[] {
  const times = timeAll(`guards, ${count(n)} parameters`, cases, effort.rounds, (row) => columns(row, n, effort));
  return cases.map(({ name }, i) => ({ name, ...times[i] }));
}

function columns({ make }: Case, n: number, effort: Effort) {
  const step = (shared: Shared) => {
    const optimizer = seeded(make([[n]], { ...options, backend: "wasm", ...shared }));
    return stopwatch(() => optimizer.step(), n, effort);
  };
  return {
    bare: step({ onNonFinite: "ignore" }),
    guarded: step({}),
    within: step({ clipNorm: Number.MAX_VALUE }),
    clipped: step({ clipNorm: 1 }),
  };
}

export function guardsTable(n: number, rows: readonly GuardTimes[]): string {
  const header = [
    `${count(n)} parameters`,
    'onNonFinite "ignore"',
    '"skip"',
    "clipNorm, norm below",
    "clipNorm, norm above",
  ];
  const added = (x: number, bare: number) => `${nanoseconds(x)} (${x < bare ? "" : "+"}${(x - bare).toFixed(3)})`;
  const body = rows.map(({ name, bare, guarded, within, clipped }) => [
    name,
    nanoseconds(bare),
    ...[guarded, within, clipped].map((x) => added(x, bare)),
  ]);
  return markdown(header, body);
}
