import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Arena, adam, constant, ema, lbfgs, lookahead, sam, sample, swa } from "../src/index.ts";
import { all } from "./makers.ts";

const words = "allocation failed";

/** The class in a host that has no room for more than `most` of what its constructor is asked for. */
const scarce = <C extends new (size: number) => object>(Class: C, most: number): C =>
  new Proxy(Class, {
    construct(target, args: [unknown], heir) {
      if (typeof args[0] !== "number" || args[0] <= most) return Reflect.construct(target, args, heir);
      throw new RangeError(words);
    },
  });

const noMemories = Object.create(WebAssembly, {
  Memory: {
    value: class {
      constructor() {
        throw new RangeError(words);
      }
    },
  },
});

const size = 100_000;
const says = (name: string, bytes: number | undefined) =>
  new RegExp(
    `^${name.replaceAll(".", "\\.")}: there is no memory for ${bytes ?? "\\d+"} bytes \\(${words}\\): dispose of what is no longer used, and have several optimizers share an Arena$`,
  );

beforeEach(() => vi.stubGlobal("WebAssembly", noMemories));
afterEach(() => vi.unstubAllGlobals());

describe("where there is no memory", () => {
  const makers = [...all.map((factory) => [factory.spec.name, factory] as const), ["lbfgs", lbfgs] as const];

  test.each(makers)("%s: auto is plain, and wasm says what is missing and what to do", (name, factory) => {
    const make = factory as unknown as typeof adam;
    const optimizer = make({ w: [size] });
    expect(optimizer.backend).toBe("plain");
    optimizer.dispose();
    expect(() => make({ w: [size] }, { backend: "wasm" })).toThrow(says(name, undefined));
    vi.stubGlobal("ArrayBuffer", scarce(ArrayBuffer, size));
    for (const backend of ["auto", "plain", "wasm"] as const)
      expect(() => make({ w: [size] }, { backend })).toThrow(says(name, undefined));
  });

  test("an arena says so too, and goes on without", () => {
    expect(new Arena({ bytes: 640 }).backend).toBe("plain");
    expect(() => new Arena({ bytes: 640, backend: "wasm" })).toThrow(says("arena", 640));
    vi.stubGlobal("ArrayBuffer", scarce(ArrayBuffer, size));
    expect(() => new Arena({ bytes: 128_000 })).toThrow(says("arena", 128_000));
  });

  test.each(Object.entries({ ema, swa, lookahead }))("%s says so, and leaves the optimizer as it is", (name, wrap) => {
    const optimizer = adam({ w: [size] });
    const saved = optimizer.save();
    vi.stubGlobal("ArrayBuffer", scarce(ArrayBuffer, size));
    expect(() => wrap(optimizer)).toThrow(says(name, undefined));
    vi.unstubAllGlobals();
    expect(optimizer.save()).toEqual(saved);
    optimizer.step({ w: new Float32Array(size) });
  });

  test("sam says so", () => {
    const optimizer = adam({ w: [size] });
    vi.stubGlobal("Float32Array", scarce(Float32Array, size - 1));
    expect(() => sam(optimizer)).toThrow(says("sam", 4 * size));
  });

  test("what there is goes on, and what is disposed of is used again", () => {
    const arena = new Arena({ bytes: 16 * 1024 });
    vi.stubGlobal("ArrayBuffer", scarce(ArrayBuffer, 0));
    const optimizer = adam({ w: [100] }, { arena });
    optimizer.step({ w: new Float32Array(100) });
    optimizer.dispose();
    adam({ w: [100] }, { arena }).step();
  });

  test("schedules are sampled one by one", () => {
    expect([...sample(constant({ value: 2 }), { count: 2 })]).toEqual([2, 2]);
  });
});
