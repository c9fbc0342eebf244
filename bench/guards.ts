import type { Case, Shared } from "./cases.ts";
import { count, markdown, nanoseconds } from "./markdown.ts";
import { options } from "./peers/hand-written/index.ts";
import { seeded } from "./random.ts";
import { medians } from "./rounds.ts";
import { type Effort, stopwatch } from "./stopwatch.ts";

/** What checking and clipping the gradients adds to an update, in ns a parameter. */
export interface GuardTimes {
  readonly name: string;
  readonly bare: number;
  readonly guarded: number;
  readonly within: number;
  readonly clipped: number;
}

export function timeGuards({ name, make }: Case, n: number, effort: Effort): GuardTimes {
  const step = (shared: Shared) => {
    const optimizer = seeded(make([[n]], { ...options, backend: "wasm", ...shared }));
    return stopwatch(() => optimizer.step(), n, effort);
  };
  const columns = {
    bare: step({ onNonFinite: "ignore" }),
    guarded: step({}),
    within: step({ clipNorm: Number.MAX_VALUE }),
    clipped: step({ clipNorm: 1 }),
  };
  return { name, ...medians(columns, effort.rounds) };
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
