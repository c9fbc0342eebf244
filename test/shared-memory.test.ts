import { expect, test } from "vitest";
import { plain } from "../src/backends/plain.ts";
import { wasmIn } from "../src/backends/wasm.ts";
import { dot } from "../src/ops/reduce.ts";

const LENGTH = 1001;

function filled(buffer: ArrayBufferLike, start: number): Float32Array {
  const x = new Float32Array(buffer, start, LENGTH);
  for (let i = 0; i < LENGTH; i++) x[i] = Math.fround(Math.sin(start + i));
  return x;
}

test.each([false, true])(
  "kernels run in another's memory, shared with threads: %s, also when it has grown",
  (shared) => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 3, shared });
    const kernels = wasmIn(memory);
    const own = plain(0);
    const starts = [8, 5000];
    for (let pages = 1; pages <= 2; pages++) {
      const [x, y] = starts.map((start) => filled(memory.buffer, start + (pages - 1) * 65536));
      const [a, b] = [x, y].map((z) => Float32Array.from(z));
      expect(kernels?.reduce(dot, x, y)).toBe(own.reduce(dot, a, b));
      memory.grow(1);
    }
  },
);
