import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dtype, Shape } from "../src/common/types.ts";
import type { Spec } from "../src/engine/spec.ts";
import type { BackendName } from "../src/kernels/backend.ts";
import { filler, options, streams } from "./arbitraries.ts";
import { runs } from "./long.ts";
import { all, presets } from "./makers.ts";
import { differences, rig } from "./rig.ts";

const STEPS = 30;
const dtypes: readonly Dtype[] = ["f32", "f64"];
type Options = Readonly<Record<string, unknown>>;

/** A house's kernels are ours or stand next to ours: a few runs find what is wrong with its spec. */
const runsOf = (spec: Spec): number =>
  presets.some((preset) => preset.spec === spec) ? runs(20, 200) : runs(80, 1000);

/** Rows where there can be some, so that what goes by rows has them. */
const shapeOf = (length: number): Shape => (length % 3 === 0 && length > 0 ? [3, length / 3] : [length]);

/** Runs both backends side by side and counts the elements of parameters and state that differ, after every step. */
function compare(
  spec: Spec,
  given: Options,
  dtype: Dtype,
  shape: Shape,
  offset: number,
  steps: number,
  stream: Parameters<typeof filler>[0],
) {
  const make = (backend: BackendName) => rig(spec, given, { backend, dtype, shape, offset });
  const [wasm, plain] = [make("wasm"), make("plain")];
  const fill = filler(stream);
  fill(wasm.arrays.p);
  plain.arrays.p.set(wasm.arrays.p);
  let differing = 0;
  for (let t = 1; t <= steps; t++) {
    fill(wasm.arrays.g);
    plain.arrays.g.set(wasm.arrays.g);
    for (const side of [wasm, plain]) side.update(t, t % 3 === 0 ? 0.37 : 1);
    for (const key of Object.keys(wasm.arrays)) differing += differences(wasm.arrays[key], plain.arrays[key]);
  }
  return { differing, trespasses: wasm.trespasses() + plain.trespasses() };
}

const same = { differing: 0, trespasses: 0 };
const specs: readonly Spec[] = all.map(({ spec }) => spec);

describe.each(specs)("$name, WASM against plain", (spec) => {
  test.each(dtypes)("%s: random options, lengths, offsets and inputs", (dtype) => {
    const property = fc.property(
      options(spec),
      fc.integer({ min: 0, max: 67 }),
      fc.integer({ min: 0, max: 15 }),
      streams,
      (given, length, offset, stream) => {
        expect(compare(spec, given, dtype, shapeOf(length), offset, STEPS, stream)).toEqual(same);
      },
    );
    fc.assert(property, { numRuns: runsOf(spec) });
  });

  test.each(dtypes)("%s: every tail, at every offset", (dtype) => {
    const [given, stream] = fc.sample(fc.tuple(options(spec), streams), { numRuns: 1, seed: 1 })[0];
    for (const used of [{}, given])
      for (let length = 0; length <= 67; length++)
        expect(compare(spec, used, dtype, shapeOf(length), length % 16, 3, stream)).toEqual(same);
  });

  test.each(dtypes)("%s: lengths of several pieces and blocks", (dtype) => {
    const property = fc.property(options(spec), streams, (given, stream) => {
      for (const length of [2051, 65537, 133001])
        expect(compare(spec, given, dtype, shapeOf(length), 1, 3, stream), String(length)).toEqual(same);
    });
    fc.assert(property, { numRuns: runs(1, 6) });
  });
});

describe.each(specs.filter(({ matrix }) => matrix))("$name, WASM against plain, matrices", (spec) => {
  const size = (max: number) => fc.integer({ min: 1, max });

  test.each(dtypes)("%s: random options, shapes, offsets and inputs", (dtype) => {
    const shapes = fc.oneof(
      fc.tuple(size(21), size(21)),
      fc.tuple(size(4), size(6), size(21)),
      fc.tuple(size(3), size(2), size(21), size(4)),
    );
    const property = fc.property(options(spec), shapes, size(15), streams, (given, shape, offset, stream) => {
      expect(compare(spec, given, dtype, shape, offset, 7, stream)).toEqual(same);
    });
    fc.assert(property, { numRuns: runs(80, 1000) });
  });

  test.each(dtypes)("%s: square, tall, wide and stacked", (dtype) => {
    const shapes = [
      [64, 64],
      [67, 33],
      [33, 67],
      [1, 300],
      [300, 1],
      [2, 3, 4],
      [5, 31, 70],
      [3, 65537],
    ];
    for (const shape of shapes)
      expect(compare(spec, {}, dtype, shape, 1, 3, { seed: 7, oneIn: 0 }), String(shape)).toEqual(same);
  });
});
