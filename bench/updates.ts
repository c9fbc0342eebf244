import type { Case } from "./cases.ts";
import { count, markdown, nanoseconds, ratio } from "./markdown.ts";
import type { Compiled } from "./peers/c.ts";
import { copyInPlace } from "./peers/copy.ts";
import { type Own, options } from "./peers/hand-written/index.ts";
import { timeAll } from "./progress.ts";
import { seeded } from "./random.ts";
import { type Effort, stopwatch } from "./stopwatch.ts";

/** What one update takes, in ns a parameter. */
export interface Times {
  readonly row: Case;
  readonly n: number;
  readonly plain: number;
  readonly hand: number;
  readonly wasm: number;
  readonly copy: number;
  readonly sse2: number | undefined;
  readonly native: number | undefined;
}

export function timeUpdates(cases: readonly Case[], n: number, effort: Effort, gcc: Compiled | undefined): Times[] {
  const times = timeAll(`${count(n)} parameters`, cases, effort.rounds, (row) => columns(row, n, effort, gcc));
  return cases.map((row, i) => ({ row, n, ...times[i] }));
}

/**
 * In how many memories an update is timed, one a round: some are up to 1.6 times slower than others of the same process here, and C has
 * another in each round too. One where they are large.
 */
const placements = (n: number): number => Math.min(Math.max(Math.floor(2 ** 19 / n), 1), 5);

function columns({ make, hand, c, square }: Case, n: number, effort: Effort, gcc: Compiled | undefined) {
  const shared = { ...options, onNonFinite: "ignore" } as const;
  const shapes = square ? [[Math.sqrt(n), Math.sqrt(n)]] : [[n]];
  const wasm = Array.from({ length: placements(n) }, () => {
    const optimizer = seeded(make(shapes, { ...shared, backend: "wasm" }));
    return stopwatch(() => optimizer.step(), n, effort);
  });
  const plain = seeded(make(shapes, { ...shared, backend: "plain" }));

  const p = Float32Array.from(plain.params[0]);
  const g = Float32Array.from(plain.grads[0]);
  const state = Object.values(plain.state(0)).map((slot) => Float32Array.from(slot));
  const own: Own = { carried: new Float64Array(3), scratch: new Float32Array(n) };
  let t = 0;
  let round = 0;

  // An update reads p, g and its state and writes all of them but g.
  const arrays = 2 + state.reduce((sum, { length }) => sum + length / n, 0);
  const share = (2 * arrays - 1) / (2 * arrays);
  const copy = stopwatch(copyInPlace(4 * Math.ceil(arrays * n)), n, effort);

  return {
    plain: stopwatch(() => plain.step(), n, effort),
    hand: stopwatch(() => hand(p, g, state, ++t, options, own), n, effort),
    wasm: () => wasm[round++ % wasm.length](),
    copy: () => copy() * share,
    sse2: gcc && c ? () => gcc.sse2(c, n, effort.milliseconds) : undefined,
    native: gcc && c ? () => gcc.native(c, n, effort.milliseconds) : undefined,
  };
}

export function updatesTable(n: number, rows: readonly Times[]): string {
  const header = [
    `${count(n)} parameters`,
    "plain TS",
    "hand-written JS",
    "WASM",
    "copy",
    "C SSE2",
    "C native",
    "WASM : C SSE2",
    "hand-written JS : WASM",
    "plain TS : WASM",
    "WASM : copy",
  ];
  const body = rows.map(({ row, plain, hand, wasm, copy, sse2, native }) => [
    row.name,
    ...[plain, hand, wasm, copy, sse2, native].map(nanoseconds),
    ...[ratio(wasm, sse2), ratio(hand, wasm), ratio(plain, wasm), ratio(wasm, copy)],
  ]);
  return markdown(header, body);
}
