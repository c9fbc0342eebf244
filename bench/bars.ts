import { all, type Case, elementwise, first } from "./cases.ts";
import type { Latency } from "./latency.ts";
import { markdown } from "./markdown.ts";
import type { Product } from "./products.ts";
import type { Times } from "./updates.ts";

/** A promise about speed: `value` of every row it is about stays on the right side of `limit`. */
interface Bar {
  readonly promise: string;
  readonly limit: number;
  readonly atLeast?: boolean;
  readonly measured: readonly { readonly name: string; readonly value: number }[];
}

function bars(updates: readonly Times[], products: readonly Product[], latencies: readonly Latency[]): Bar[] {
  const toC = (cases: readonly Case[]) =>
    updates.flatMap(({ row, n, wasm, sse2 }) =>
      n === 65_536 && cases.includes(row) && sse2 !== undefined ? [{ name: row.name, value: wasm / sse2 }] : [],
    );
  const toHand = (cases: readonly Case[]) =>
    updates.flatMap(({ row, n, wasm, hand }) =>
      n === 1e6 && cases.includes(row) ? [{ name: row.name, value: hand / wasm }] : [],
    );
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
  ];
}

export function barsTable(
  updates: readonly Times[],
  products: readonly Product[],
  latencies: readonly Latency[],
): string {
  return markdown(["bar", "measured", ""], bars(updates, products, latencies).map(verdict));
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
