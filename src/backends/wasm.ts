import { instantiateSync } from "@assemblyscript/loader";
import { BLOCK, PIECE } from "../common/chunks.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import { type Backend, isIdentity, type Update } from "../kernels/backend.ts";
import { base64 } from "../kernels/generated.ts";
import { sampleEach } from "./plain.ts";
import { type Kernel, sample } from "./sampler.ts";
import { forSharedMemory } from "./shared-memory.ts";

const PAGE = 65536;

// What has WebAssembly's types is internal, so that the published types do not need those of a browser or of Node.

type Compiled = WebAssembly.Module | Error;
const compiled: { own?: Compiled; shared?: Compiled } = {};

/**
 * The compiled kernels, for a memory of their own or for one that threads share, or why there are none: no WebAssembly, no SIMD, or a
 * content security policy that forbids it.
 * @internal
 */
export function wasmModule(kind: keyof typeof compiled = "own"): Compiled {
  compiled[kind] ??= compile(kind);
  return compiled[kind];
}

function compile(kind: keyof typeof compiled): Compiled {
  try {
    const binary = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return new WebAssembly.Module(kind === "shared" ? forSharedMemory(binary) : binary);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * The kernels in a memory of their own.
 * @internal
 */
export function wasm(module: WebAssembly.Module, bytes: number): Backend {
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const kernels = instantiate(module, memory);
  return {
    ...backendOf(kernels, memory),
    buffer: memory.buffer,
    sample: (curve, start, out) => sample(kernels, memory.buffer, curve, start, out),
  };
}

/**
 * The kernels in another's memory, which may be shared with threads that leave it alone meanwhile, and may grow: `buffer` is what it is at
 * the time, and a binding made before that goes on working but for what it reads through views. Undefined if they cannot run.
 * @internal
 */
export function wasmIn(memory: WebAssembly.Memory): Backend | undefined {
  const module = wasmModule(memory.buffer instanceof ArrayBuffer ? "own" : "shared");
  return module instanceof Error ? undefined : backendOf(instantiate(module, memory), memory);
}

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Record<string, Kernel> {
  return instantiateSync(module, { env: { memory } }).exports as never;
}

function backendOf(kernels: Record<string, Kernel>, memory: WebAssembly.Memory): Backend {
  // Under their bare names, once they have been asked for: no step makes a string.
  const typed: Record<Dtype, Record<string, Kernel>> = { f32: {}, f64: {} };
  const kernelOf = (dtype: Dtype, name: string): Kernel => (typed[dtype][name] ??= kernels[`${name}_${dtype}`]);
  const kernelFor = (x: FloatArray, name: string) => kernelOf(x.BYTES_PER_ELEMENT === 4 ? "f32" : "f64", name);

  return {
    name: "wasm",
    get buffer() {
      return memory.buffer;
    },
    bind: (update) => bind((name) => kernelOf(update.dtype, name), update),
    operation({ kernel }, dtype, ...operands) {
      const run = kernelOf(dtype, kernel);
      const [a, b, c, d, e, f, g, h, i, j] = operands.map((x) => (typeof x === "number" ? x : x.byteOffset));
      return () => run(a, b, c, d, e, f, g, h, i, j) as never;
    },
    reduce({ kernel }, x, y = x, z = x, scalar) {
      const run = kernelFor(x, kernel);
      const size = x.BYTES_PER_ELEMENT;
      const c = scalar?.byteOffset ?? 0;
      let total = 0;
      for (let start = 0; start < x.length; start += BLOCK) {
        const i = start * size;
        total += run(Math.min(BLOCK, x.length - start), x.byteOffset + i, y.byteOffset + i, z.byteOffset + i, c);
      }
      return total;
    },
    within(x, exponent) {
      const within = kernelFor(x, "within");
      for (let start = 0; start < x.length; start += BLOCK) {
        const at = x.byteOffset + start * x.BYTES_PER_ELEMENT;
        if (!within(Math.min(BLOCK, x.length - start), at, exponent)) return false;
      }
      return true;
    },
    // In another's memory there is no room for values.
    sample: sampleEach,
  };
}

/**
 * A group's update in pieces. Kernels are called on at most `BLOCK` elements because V8 does not replace a running WASM function:
 * one long first call would stay in the baseline compiler throughout. Their arguments are addresses only: a call that is not
 * inlined boxes every fractional number it passes.
 */
function bind(kernelOf: (name: string) => Kernel, update: Update): () => void {
  const { slots, prelude } = update;
  const kernel = kernelOf(update.kernel);
  const [gradient, gradient_l2] = [kernelOf("gradient"), kernelOf("gradient_l2")];
  const size = update.p.BYTES_PER_ELEMENT;
  const { length, byteOffset: p } = update.p;
  const g = update.g.byteOffset;
  const c = update.scalars.byteOffset;
  const d = prelude.values.byteOffset;
  const scratch = update.scratch?.byteOffset ?? 0;
  const [s = 0, t = 0, u = 0, v = 0] = Object.values(slots).map((slot) => slot.byteOffset);

  return () => {
    if (isIdentity(prelude)) {
      for (let start = 0; start < length; start += BLOCK) {
        const x = start * size;
        kernel(Math.min(BLOCK, length - start), p + x, g + x, s + x, t + x, u + x, v + x, c);
      }
      return;
    }
    const prepare = prelude.decay === 0 ? gradient : gradient_l2;
    for (let start = 0; start < length; start += PIECE) {
      const n = Math.min(PIECE, length - start);
      const x = start * size;
      prepare(n, scratch, g + x, p + x, 0, 0, 0, d);
      kernel(n, p + x, scratch, s + x, t + x, u + x, v + x, c);
    }
  };
}
