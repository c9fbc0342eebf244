import fc from "fast-check";
import { expect, test } from "vitest";
import { adam, sgd } from "../src/index.ts";
import { Arena } from "../src/memory/arena.ts";
import * as optimizers from "../src/optimizers/index.ts";

const backends = ["wasm", "plain"] as const;

test.each(backends)("%s: its size never changes and its views stay attached", (backend) => {
  const arena = new Arena({ bytes: 100_000, backend });
  const { buffer } = arena.kernels;
  const optimizer = adam({ w: [1000] }, { arena });
  for (let i = 0; i < 5; i++) optimizer.step();
  expect(arena.kernels.buffer).toBe(buffer);
  expect(optimizer.params.w.buffer).toBe(buffer);
  expect(buffer.byteLength).toBeGreaterThanOrEqual(arena.byteLength);
});

test.each(backends)("%s: groups start on 64-byte lines, and a group's parameters lie side by side", (backend) => {
  const { params, grads, state } = Object.assign(
    adam({ a: [3], b: [5], c: [7] }, { backend, groups: [{ match: "c" }] }),
  );
  void state;
  for (const view of [params.a, params.c, grads.a, grads.c]) expect(view.byteOffset % 64).toBe(0);
  expect(params.b.byteOffset).toBe(params.a.byteOffset + params.a.byteLength);
});

test("allocations never overlap, and what is released is whole again", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sizes, fc.infiniteStream(fc.nat()), (list, picks) => {
      const arena = new Arena({ bytes: 1 << 16, backend: "plain" });
      const blocks = list.map((bytes) => ({ bytes, start: arena.allocate("test", bytes) }));
      const sorted = [...blocks].sort((a, b) => a.start - b.start);
      for (let i = 1; i < sorted.length; i++)
        expect(sorted[i].start).toBeGreaterThanOrEqual(sorted[i - 1].start + sorted[i - 1].bytes);
      for (const { start } of blocks) expect(start % 64).toBe(0);
      while (blocks.length > 0) {
        const [{ start, bytes }] = blocks.splice((picks.next().value ?? 0) % blocks.length, 1);
        arena.release(start, bytes);
      }
      expect(arena.available).toBe(1 << 16);
    }),
  );
});

test("an optimizer that is refused takes nothing", () => {
  const arena = new Arena({ bytes: 2048, backend: "plain" });
  expect(() => sgd({ w: [4] }, { arena, lr: () => -1 })).toThrow(RangeError);
  expect(arena.available).toBe(2048);
});

test("a hole is used again", () => {
  const arena = new Arena({ bytes: 2048, backend: "plain" });
  const first = sgd({ w: [64] }, { arena });
  const { byteOffset } = first.params.w;
  sgd({ w: [64] }, { arena });
  first.dispose();
  expect(sgd({ w: [64] }, { arena }).params.w.byteOffset).toBe(byteOffset);
});

const layouts = Object.values(optimizers).flatMap((factory) => {
  const { name, options } = factory.spec;
  const decay = "weightDecay" in options ? [{ weightDecay: 0.1 }] : [];
  const all = [{ clipTensorNorm: 1 }, { gradNoise: 1 }, ...decay];
  return all.map((given) => [`${name} ${JSON.stringify(given)}`, factory as typeof sgd, given] as const);
});

test.each(layouts)("%s runs where its block ends with the memory, and reads nothing beyond", (_, make, given) => {
  const options = { ...given, dtype: "f64" } as const;
  const measured = new Arena({ bytes: 1 << 16, backend: "wasm" });
  make({ w: [5] }, { ...options, arena: measured });
  const arena = new Arena({ bytes: 1 << 16, backend: "wasm" });
  arena.allocate("test", measured.available);
  const optimizer = make({ w: [5] }, { ...options, arena });
  expect(arena.available).toBe(0);
  optimizer.step({ w: [1, 2, 3, 4, 5] });
  expect(optimizer.stepCount).toBe(1);
});
