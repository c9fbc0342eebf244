/** Random options and numbers, drawn from what the specs say about themselves. */
import fc from "fast-check";
import { readOptions } from "../src/common/given.ts";
import type { OptionTable, OptionType } from "../src/common/options.ts";
import { commonOptions, type Spec } from "../src/engine/spec.ts";

const numbers = [-0.5, 0, 1e-30, 1e-8, 1e-3, 0.1, 0.5, 0.9, 0.999, 1, 2, 3, 10, 1e4, Infinity];

/** A value that the kind takes, or undefined for its default; now and then a schedule. */
function value(kind: OptionType<unknown>): fc.Arbitrary<unknown> {
  if (kind.isType(true)) return fc.option(fc.boolean(), { nil: undefined });
  if (kind.words) return fc.option(fc.constantFrom(...kind.words), { nil: undefined });
  const inRange = numbers.filter((x) => kind.inRange(x));
  const plain = fc.constantFrom(...inRange);
  const scheduled = fc
    .tuple(plain, plain)
    .map(([even, odd]) => Object.assign((k: number) => (k % 2 ? odd : even), { toString: () => `${even} | ${odd}` }));
  return fc.option(kind.schedulable ? fc.oneof({ weight: 4, arbitrary: plain }, scheduled) : plain, { nil: undefined });
}

/** Options of an optimizer that do not contradict each other. */
export function options(spec: Spec): fc.Arbitrary<Record<string, unknown>> {
  const table: OptionTable = { ...spec.options, ...commonOptions };
  const of = (kinds: OptionTable) =>
    fc.record(Object.fromEntries(Object.entries(kinds).map(([key, kind]) => [key, value(kind)])));
  // Of all that optimizers have in common hardly ever nothing is drawn, and a kernel then never reads the gradient where it lies.
  const record = fc.tuple(of(spec.options), fc.oneof(fc.constant({}), of(commonOptions)));
  const merged: fc.Arbitrary<Record<string, unknown>> = record.map(([own, common]) => ({ ...own, ...common }));
  return merged.filter((given) => {
    readOptions(spec.name, given, Object.keys(table));
    const filled = Object.fromEntries(Object.entries(table).map(([key, kind]) => [key, given[key] ?? kind.fallback]));
    const { decay, lr } = filled;
    const first = typeof lr === "function" ? lr(0) : lr;
    return spec.conflict?.(filled) === undefined && !(decay === "schedule" && first === 0);
  });
}

const special = [0, -0, 1e-45, -1e-42, 5e-324, 1e-310, 1.2e-38, 1e38, -3e38, 1e308, -1e200, Infinity, -Infinity, NaN];

/** What a stream of numbers is like: its seed, and that one in `oneIn` is special, or none if 0. */
export const streams = fc.record({ seed: fc.integer(), oneIn: fc.constantFrom(0, 3, 40) });

/** Fills arrays with ordinary numbers among which lie zeros of both signs, subnormals, huge numbers, infinities and NaN. */
export function filler({ seed, oneIn }: { seed: number; oneIn: number }): (out: Float32Array | Float64Array) => void {
  let state = seed | 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 16777216;
  };
  return (out) => {
    for (let i = 0; i < out.length; i++) {
      const wild = oneIn > 0 && next() * oneIn < 1;
      out[i] = wild ? special[Math.floor(next() * special.length)] : (next() - 0.5) * (next() < 0.5 ? 1 : 100);
    }
  };
}
