import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** The library as it is loaded anew in a host whose WebAssembly is another. */
const load = () => import("../src/index.ts");

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

const refusing = (error: Error) => ({
  ...WebAssembly,
  Module: class {
    constructor() {
      throw error;
    }
  },
});

const hosts: readonly [string, unknown, string][] = [
  ["without WebAssembly", undefined, "Module"],
  ["without SIMD", refusing(new WebAssembly.CompileError("invalid opcode 0xfd")), "invalid opcode 0xfd"],
  [
    "whose content security policy forbids it",
    refusing(new EvalError("Refused to compile WebAssembly module")),
    "Refused to compile WebAssembly module",
  ],
];

test.each(hosts)("auto falls back to plain in a host %s", async (_, host) => {
  vi.stubGlobal("WebAssembly", host);
  const { adam, sample, constant } = await load();
  const optimizer = adam({ w: [3] });
  optimizer.step({ w: [1, 2, 3] });
  expect(optimizer.backend).toBe("plain");
  expect(optimizer.stepCount).toBe(1);
  expect([...sample(constant({ value: 2 }), { count: 2 })]).toEqual([2, 2]);
});

test.each(hosts)("wasm says why it cannot run in a host %s", async (_, host, reason) => {
  vi.stubGlobal("WebAssembly", host);
  const { adam } = await load();
  expect(() => adam({ w: [3] }, { backend: "wasm" })).toThrow(/^backend "wasm" cannot run here: /);
  expect(() => adam({ w: [3] }, { backend: "wasm" })).toThrow(reason);
});

test("auto is wasm here", async () => {
  const { adam } = await load();
  expect(adam({ w: [3] }).backend).toBe("wasm");
});
