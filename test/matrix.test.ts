/** The kernel that multiplies matrices: the plain backend's bits, the mathematics' numbers, and nothing but its output touched. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBackend } from "../src/backends/index.ts";
import type { Dtype, FloatArray } from "../src/common/types.ts";
import { Form, matmul, panelOf } from "../src/ops/matmul.ts";
import { filler, streams } from "./arbitraries.ts";
import { differences } from "./rig.ts";

interface Sizes {
  readonly form: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

const CANARY = 7;
/** Canaries between arrays, and what puts these at any element-aligned address. */
const GAP = 13;

interface Multiplied {
  readonly a: FloatArray;
  readonly b: FloatArray;
  readonly d: FloatArray;
  readonly out: FloatArray;
  /** Elements between the arrays that are no longer what they were. */
  readonly trespasses: number;
}

/**
 * out ← keep · d + scale · (a · b) on one backend, with a, b and d filled one after the other. What is a, or both factors, ends where the
 * memory does, so that a kernel that reads on traps.
 */
function multiply(
  name: "wasm" | "plain",
  dtype: Dtype,
  { form, m, n, k }: Sizes,
  pair: readonly number[],
  fill: (out: FloatArray) => void,
): Multiplied {
  const Floats = dtype === "f32" ? Float32Array : Float64Array;
  const lengths = [m * k, form === Form.AB ? k * n : 0, m * n, m * n, 2, panelOf(k)];
  const total = lengths.reduce((sum, length) => sum + length + GAP, 0);
  const backend = createBackend(name, total * Floats.BYTES_PER_ELEMENT);
  const all = new Floats(backend.buffer).fill(CANARY);
  const gaps: FloatArray[] = [];
  let start = all.length;
  const [a, own, d, out, c, panel] = lengths.map((length) => {
    start -= length + GAP;
    gaps.push(all.subarray(start, start + GAP));
    return all.subarray(start + GAP, start + GAP + length);
  });
  for (const x of [a, own, d]) fill(x);
  // Symmetric, as out is then.
  if (form !== Form.AB) for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) d[i * n + j] = d[j * n + i];
  const b = form === Form.AB ? own : a;
  c.set(pair);
  backend.operation(matmul, dtype, form, m, n, k, a, b, d, out, c, panel)();
  const trespasses = gaps.flatMap((gap) => [...gap]).filter((x) => x !== CANARY).length;
  return { a, b, d, out, trespasses };
}

/** Elements that differ between the backends, inputs included, and trespasses. */
function compare(dtype: Dtype, sizes: Sizes, pair: readonly number[], stream: Parameters<typeof filler>[0]): number {
  const [wasm, plain] = (["wasm", "plain"] as const).map((name) => multiply(name, dtype, sizes, pair, filler(stream)));
  const differing = (["a", "b", "d", "out"] as const).map((key) => differences(wasm[key], plain[key]));
  return [...differing, wasm.trespasses, plain.trespasses].reduce((a, b) => a + b);
}

const side = fc.integer({ min: 1, max: 40 });
const sizes: fc.Arbitrary<Sizes> = fc.oneof(
  fc.record({ form: fc.constant(Form.AB), m: side, n: side, k: side }),
  fc.tuple(fc.constantFrom(Form.XXT, Form.XTX), side, side).map(([form, side, k]) => ({ form, m: side, n: side, k })),
);
const scalars = fc.tuple(fc.constantFrom(0, -4.775, 1), fc.constantFrom(1, 2.0315));

describe.each(["f32", "f64"] as const)("in %s", (dtype) => {
  test("both backends give the same bits, whatever the sizes and the numbers", () => {
    const property = fc.property(sizes, scalars, streams, (sizes, pair, stream) => {
      expect(compare(dtype, sizes, pair, stream)).toBe(0);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test.each([
    [1, 1, 1],
    [1, 1, 300],
    [1, 67, 1],
    [67, 1, 33],
    [3, 5, 7],
    [67, 33, 65],
    [128, 64, 128],
  ])("both backends give the same bits: %i × %i, sums of %i terms", (m, n, k) => {
    for (const form of [Form.AB, ...(m === n ? [Form.XXT, Form.XTX] : [])])
      for (const oneIn of [0, 40]) expect(compare(dtype, { form, m, n, k }, [0.5, 2], { seed: 3, oneIn })).toBe(0);
  });

  test.each(["wasm", "plain"] as const)("small whole numbers give the product itself, on %s", (name) => {
    let state = 1;
    const whole = (x: FloatArray) => {
      for (let i = 0; i < x.length; i++) {
        state = (state * 75) % 65537;
        x[i] = (state % 9) - 4;
      }
    };
    const property = fc.property(sizes, (sizes) => {
      const { form, m, n, k } = sizes;
      const { out, a, b, d } = multiply(name, dtype, sizes, [3, -2], whole);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let t = 0; t < k; t++)
            sum +=
              (form === Form.XTX ? a[t * m + i] : a[i * k + t]) * (form === Form.XXT ? b[j * k + t] : b[t * n + j]);
          expect(out[i * n + j]).toBe(3 * d[i * n + j] - 2 * sum + 0);
        }
    });
    fc.assert(property, { numRuns: 60 });
  });

  test.each(["wasm", "plain"] as const)("a keep of 0 leaves d unread, on %s", (name) => {
    let call = 0;
    const nan = (x: FloatArray) => x.fill(call++ === 2 ? NaN : 1);
    const { out } = multiply(name, dtype, { form: Form.AB, m: 3, n: 5, k: 4 }, [0, 1], nan);
    expect([...out]).toEqual(Array(15).fill(4));
  });
});
