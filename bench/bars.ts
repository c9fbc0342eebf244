import type { Latency } from "./latency.ts";
import { markdown } from "./markdown.ts";
import type { Times } from "./updates.ts";

/** A promise about speed: `value` of every row it is about stays on the right side of `limit`. */
interface Bar {
  readonly promise: string;
  readonly limit: number;
  readonly atLeast?: boolean;
  readonly measured: readonly { readonly name: string; readonly value: number }[];
}

function bars(updates: readonly Times[], latencies: readonly Latency[]): Bar[] {
  const toC = (name: string) =>
    updates.flatMap((row) =>
      row.n === 65_536 && row.name === name && row.sse2 !== undefined ? [{ name, value: row.wasm / row.sse2 }] : [],
    );
  const toHand = updates.filter(({ n }) => n === 1e6).map(({ name, hand, wasm }) => ({ name, value: hand / wasm }));
  return [
    { promise: "adam at 65,536, WASM : C SSE2 ≤ 1.08", limit: 1.08, measured: toC("adam") },
    { promise: "sgd at 65,536, WASM : C SSE2 ≤ 1.25", limit: 1.25, measured: toC("sgd") },
    { promise: "sgd momentum at 65,536, WASM : C SSE2 ≤ 1.25", limit: 1.25, measured: toC("sgd momentum") },
    { promise: "every optimizer at 1,000,000, hand-written JS : WASM ≥ 5", limit: 5, atLeast: true, measured: toHand },
    {
      promise: "every step() of a 10-parameter model ≤ 0.3 µs",
      limit: 0.3,
      measured: latencies.map(({ name, wasm }) => ({ name, value: wasm })),
    },
  ];
}

export function barsTable(updates: readonly Times[], latencies: readonly Latency[]): string {
  return markdown(["bar", "measured", ""], bars(updates, latencies).map(verdict));
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
