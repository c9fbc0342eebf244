import { all, type Case, elementwise, first } from "./cases.ts";
import type { DiagnosisTimes } from "./diagnosis.ts";
import { elements, type Latency } from "./latency.ts";
import { markdown } from "./markdown.ts";
import type { Product } from "./products.ts";
import type { ScheduleTimes } from "./schedules.ts";
import { LARGE, type TfjsTimes } from "./tfjs.ts";
import type { Times } from "./updates.ts";

/** A promise about speed: `value` of every row it is about stays on the right side of `limit`. */
interface Bar {
  readonly promise: string;
  readonly limit: number;
  readonly atLeast?: boolean;
  readonly measured: readonly { readonly name: string; readonly value: number }[];
}

/** All that the bars are about. */
interface Measured {
  readonly updates: readonly Times[];
  readonly products: readonly Product[];
  readonly latencies: readonly Latency[];
  readonly diagnoses: readonly DiagnosisTimes[];
  readonly schedules: readonly ScheduleTimes[];
  readonly tfjs: readonly TfjsTimes[];
}

function bars({ updates, products, latencies, diagnoses, schedules, tfjs }: Measured): Bar[] {
  const toC = (cases: readonly Case[]) =>
    updates.flatMap(({ row, n, wasm, sse2 }) =>
      n === 65_536 && cases.includes(row) && sse2 !== undefined ? [{ name: row.name, value: wasm / sse2 }] : [],
    );
  const toHand = (cases: readonly Case[]) =>
    updates.flatMap(({ row, n, wasm, hand }) =>
      n === 1e6 && cases.includes(row) ? [{ name: row.name, value: hand / wasm }] : [],
    );
  const toTfjs = (backend: string, optimizer: string, limit: number): Bar => ({
    promise: `TensorFlow.js ${backend}, ${optimizer} at 1,000,000, tf.train : ours ≥ ${limit}`,
    limit,
    atLeast: true,
    measured: tfjs
      .filter((row) => row.backend === backend && row.name === optimizer && row.work === LARGE)
      .map(({ name, ours, theirs }) => ({ name, value: theirs / ours })),
  });
  const named = (name: string) => all.filter((row) => row.name === name);
  return [
    { promise: "adam at 65,536, WASM : C SSE2 ≤ 1.08", limit: 1.08, measured: toC(named("adam")) },
    { promise: "sgd at 65,536, WASM : C SSE2 ≤ 1.25", limit: 1.25, measured: toC(named("sgd")) },
    { promise: "sgd momentum at 65,536, WASM : C SSE2 ≤ 1.25", limit: 1.25, measured: toC(named("sgd momentum")) },
    { promise: "all with a C row at 65,536, WASM : C SSE2 ≤ 1.15", limit: 1.15, measured: toC(all) },
    {
      promise: "the first nine at 1,000,000, hand-written JS : WASM ≥ 5",
      limit: 5,
      atLeast: true,
      measured: toHand(first),
    },
    {
      promise: "all element-wise at 1,000,000, hand-written JS : WASM ≥ 4",
      limit: 4,
      atLeast: true,
      measured: toHand(elementwise),
    },
    {
      promise: "products of 512 × 512 matrices, plain TS : WASM ≥ 6",
      limit: 6,
      atLeast: true,
      measured: products.map(({ name, plain, wasm }) => ({ name, value: plain / wasm })),
    },
    {
      promise: "every step() of a 10-parameter model ≤ 0.3 µs",
      limit: 0.3,
      measured: latencies.map(({ name, wasm }) => ({ name, value: wasm })),
    },
    {
      promise: `diagnose in the long run, of step() at ${elements} and at 65,536 parameters ≤ 10 %`,
      limit: 10,
      measured: diagnoses.flatMap(({ name, smallStep, smallUpdate, largeStep, largeUpdate }) => [
        { name: `${name} at ${elements}`, value: (100 * smallUpdate) / smallStep },
        { name: `${name} at 65,536`, value: (100 * largeUpdate) / largeStep },
      ]),
    },
    {
      promise: "1,000,000 values of a warmupCosine, closures : WASM ≥ 8",
      limit: 8,
      atLeast: true,
      measured: schedules.flatMap(({ name, values, composed, wasm }) =>
        values === 1e6 ? [{ name, value: composed / wasm }] : [],
      ),
    },
    toTfjs("wasm", "adam", 6),
    toTfjs("wasm", "sgd momentum", 2),
    toTfjs("cpu", "adam", 20),
  ];
}

export function barsTable(measured: Measured): string {
  return markdown(["bar", "measured", ""], bars(measured).map(verdict));
}

/** The row nearest to the limit, or all that miss it. */
function verdict({ promise, limit, atLeast = false, measured }: Bar): string[] {
  if (measured.length === 0) return [promise, "not measured", "–"];
  const worstFirst = measured.toSorted((a, b) => (atLeast ? a.value - b.value : b.value - a.value));
  const misses = worstFirst.filter(({ value }) => (atLeast ? value < limit : value > limit));
  const shown = misses.length > 0 ? misses : worstFirst.slice(0, 1);
  const list = shown.map(({ name, value }) => `${name} ${value.toPrecision(3)}`).join(", ");
  return [promise, list, misses.length > 0 ? "miss" : "pass"];
}
