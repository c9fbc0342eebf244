import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import binaryen from "binaryen";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryOf } from "../scripts/entry.ts";
import { resolve } from "../src/common/options.ts";
import { base64 } from "../src/kernels/generated.ts";
import * as optimizers from "../src/optimizers/index.ts";
import { options } from "./arbitraries.ts";
import { sameBytes } from "./contract.ts";
import { all } from "./makers.ts";

const bytes = readFileSync("build/kernels.wasm");
const module = new WebAssembly.Module(bytes);
const text = binaryen.readBinary(bytes).emitText();
const exported = WebAssembly.Module.exports(module).map(({ name }) => name);

/** The text of one exported function. */
function body(name: string): string {
  const id = new RegExp(`\\(export "${name}" \\(func (\\S+)\\)\\)`).exec(text)?.[1];
  const start = text.indexOf(`\n (func ${id} `);
  return text.slice(start, text.indexOf("\n )", start));
}

describe("the compiled module", () => {
  test("is what the package carries", () => {
    expect(base64).toBe(bytes.toString("base64"));
  });

  test("is at most 32 KB as it is sent", () => {
    expect(gzipSync(bytes).length).toBeLessThanOrEqual(32 * 1024);
  });

  test("imports a memory and nothing else", () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  });

  test("owns nothing in that memory: no data, no globals, no table, no start function", () => {
    expect(text).not.toMatch(/^ \((data|global|table|elem|start)/m);
  });

  test("never grows it", () => {
    expect(text).not.toContain("memory.grow");
  });

  test("never calls: every kernel is one function", () => {
    expect(text).not.toMatch(/\((call|call_indirect|return_call) /);
  });

  test("uses no relaxed SIMD, whose results differ between machines", () => {
    expect(text).not.toContain("relaxed");
  });
});

/** An optimizer's kernels come for both dtypes, a schedule's for f64 alone. */
const kernels = exported.filter((name) => /_f(32|64)$/.test(name));
const curves = exported.filter((name) => !kernels.includes(name));

test.each(kernels)("%s computes on vectors of its dtype", (name) => {
  // Sums are of f64 whatever they sum, and so are random numbers.
  const lanes = name.endsWith("_f64") || /^(sum_|dot|squared_|add_noise)/.test(name) ? "f64x2" : "f32x4";
  expect(body(name)).toMatch(new RegExp(`${lanes}\\.(mul|div|sub|abs)`));
});

test.each(curves.filter((name) => name !== "constant"))("%s is evaluated two indices at a time", (name) => {
  expect(body(name)).toMatch(/f64x2\.(mul|div|ge|min)/);
});

/** Where the lists lie: far from the values. */
const LIST = 4096;

/** What a kernel gets after n and out, where that is not an index and then numbers. */
const leading: Readonly<Record<string, readonly number[]>> = {
  clamp: [],
  cosineDecay: [2, LIST, 514, 0],
  multiStepDecay: [2, LIST, 2],
  noisy: [2, 0, 99],
  piecewiseConstant: [2, LIST, 3],
  piecewiseInterpolate: [2, LIST, 3, 0],
  product: [LIST],
};

test.each(curves)("%s writes where it is told, at every element-aligned address, and nowhere else", (name) => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const kernel = instance.exports[name] as (...args: number[]) => void;
  const bytes = new Uint8Array(memory.buffer);
  for (let n = 0; n <= 9; n++) {
    const out = 256 + 8 * (n % 4);
    bytes.fill(0xa5);
    new Float64Array(memory.buffer, LIST, 3).set([1, 3, 5]);
    const before = memory.buffer.slice(0, out);
    const after = memory.buffer.slice(out + 8 * n);
    kernel(n, out, ...(leading[name] ?? [2]), ...Array(8).fill(0.5));
    expect(sameBytes(memory.buffer.slice(0, out), before)).toBe(true);
    expect(sameBytes(memory.buffer.slice(out + 8 * n), after)).toBe(true);
    expect([...new Float64Array(memory.buffer, out, n)].every(Number.isFinite)).toBe(true);
  }
});

test("every optimizer's kernels come for both dtypes", () => {
  const names = Object.values(optimizers).map(({ spec }) => spec.name);
  expect(names.length).toBeGreaterThan(0);
  const bases = new Set(kernels.map((name) => name.replace(/_f(32|64)$/, "")));
  for (const base of bases) expect(exported).toEqual(expect.arrayContaining([`${base}_f32`, `${base}_f64`]));
});

// A rule gets addresses and scalars by position: two in another order would be found by other tests, but not named.
test.each(all.map(({ spec }) => spec))("$name has its slots and scalars in the order of its kernels", (spec) => {
  const { rules } = entryOf("assembly");
  const property = fc.property(options(spec), (given) => {
    const resolved = resolve(spec.name, spec.options, given);
    const rule = rules[spec.kernel(resolved)];
    // Under a name that the rule does not have, an optimizer borrows the kernel of another, or the slot is none of the kernel's.
    const known = spec.slots(resolved).map((slot, i) => (rule.slots.includes(slot) ? slot : rule.slots[i]));
    expect(known).toEqual(known.map((_, i) => rule.slots[i]));
    expect(rule.scalars).toEqual(spec.scalars.slice(0, rule.scalars.length));
  });
  fc.assert(property, { numRuns: 50 });
});
