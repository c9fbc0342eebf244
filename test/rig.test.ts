/** What tests the kernels is tested: it sees every byte that is written where it must not be. */
import { describe, expect, test } from "vitest";
import type { Spec } from "../src/engine/spec.ts";
import { adam } from "../src/index.ts";
import type { Arrays } from "../src/kernels/backend.ts";
import { sgd } from "../src/optimizers/index.ts";
import { rig } from "./rig.ts";

const at = { backend: "plain", dtype: "f32", shape: [5], offset: 3 } as const;

/** Adam, whose plain update does this besides. */
const adamThat = (extra: (arrays: Arrays) => void): Spec => ({
  ...(adam.spec as unknown as Spec),
  update(arrays, scalars, round, options) {
    (adam.spec as unknown as Spec).update(arrays, scalars, round, options);
    extra(arrays);
  },
});

/** What one update of it trespasses, on a gradient of ones. */
function trespasses(spec: Spec, place: Parameters<typeof rig>[2] = at): number {
  const one = rig(spec, {}, place);
  one.arrays.p.fill(0);
  one.arrays.g.fill(1);
  one.update(1, 1);
  return one.trespasses();
}

/** One element more than each array has, from `shift` elements before it on. */
const shifted = (arrays: Arrays, shift: number): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { buffer, byteOffset, length }]) => [
      name,
      new Float32Array(buffer, byteOffset - 4 * shift, length + 1),
    ]),
  );

test("a right update trespasses nowhere", () => {
  for (const backend of ["wasm", "plain"] as const)
    for (const dtype of ["f32", "f64"] as const)
      expect(
        trespasses(
          adamThat(() => {}),
          { ...at, backend, dtype },
        ),
      ).toBe(0);
});

describe("an update that writes one byte too many is seen", () => {
  test.each(["p", "g", "exp_avg", "exp_avg_sq"])("just before and just after %s", (name) => {
    const byte = (address: (start: number, end: number) => number) =>
      trespasses(
        adamThat((arrays) => {
          const { buffer, byteOffset, byteLength } = arrays[name];
          new Uint8Array(buffer)[address(byteOffset, byteOffset + byteLength)] ^= 1;
        }),
      );
    expect(byte((start) => start - 1)).toBe(1);
    expect(byte((_, end) => end)).toBe(1);
  });

  test.each([
    ["first", 0],
    ["last", -1],
  ])("on the memory's %s byte, far from all arrays", (_, index) => {
    for (const shape of [[5], [20_001]]) {
      const spec = adamThat(({ p }) => {
        const bytes = new Uint8Array(p.buffer);
        bytes[index < 0 ? bytes.length + index : index] ^= 1;
      });
      expect(trespasses(spec, { ...at, shape })).toBe(1);
    }
  });

  test("in the gradient, which is only to be read", () => {
    expect(trespasses(adamThat(({ g }) => g.set([1.5], 2)))).toBeGreaterThan(0);
  });
});

describe("an update that goes one element too far is seen", () => {
  const { update: sweep } = adam.spec as unknown as Spec;

  test.each([
    ["after the end", 0],
    ["before the start", 1],
  ])("%s", (_, shift) => {
    const spec: Spec = {
      ...(adam.spec as unknown as Spec),
      update: (arrays, scalars, round, options) => sweep(shifted(arrays, shift), scalars, round, options),
    };
    expect(trespasses(spec)).toBeGreaterThan(0);
  });

  test("in WebAssembly, where a kernel has state that was never given to it", () => {
    const spec: Spec = { ...(sgd.spec as unknown as Spec), kernel: () => "adagrad" };
    expect(trespasses(spec, { ...at, backend: "wasm" })).toBeGreaterThan(0);
  });
});

test("a rig finds nothing of what the one before it did to their memory", () => {
  const spill = adamThat(({ p }) => new Uint8Array(p.buffer).fill(1));
  expect(trespasses(spill)).toBeGreaterThan(60_000);
  expect(trespasses(adamThat(() => {}))).toBe(0);
});
