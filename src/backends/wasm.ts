import { instantiateSync } from "@assemblyscript/loader";
import { type Backend, type Curve, type FloatArray, isIdentity, type Update } from "../backend.ts";
import { base64, type KernelExports } from "./kernels.ts";
import { BLOCK, PIECE } from "./pieces.ts";

/** A kernel without its dtype, of those that come for both. */
export type KernelName = keyof { [K in keyof KernelExports as K extends `${infer Name}_f32` ? Name : never]: K };

/** The kernels that are of no dtype: schedules, all f64. */
export type ScheduleName = Exclude<keyof KernelExports, `${string}_${"f32" | "f64"}`>;

type Kernel = (...args: number[]) => number;

const PAGE = 65536;
let compiled: WebAssembly.Module | Error | undefined;

/** The compiled kernels, or why there are none: no WebAssembly, no SIMD, or a content security policy that forbids it. */
export function wasmModule(): WebAssembly.Module | Error {
  compiled ??= compile();
  return compiled;
}

function compile(): WebAssembly.Module | Error {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

export function wasm(module: WebAssembly.Module, bytes: number): Backend {
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const kernels: Record<string, Kernel> = instantiateSync(module, { env: { memory } }).exports as never;
  const typed = { f32: withoutSuffix(kernels, "_f32"), f64: withoutSuffix(kernels, "_f64") };
  const kernelsFor = (x: FloatArray) => (x.BYTES_PER_ELEMENT === 4 ? typed.f32 : typed.f64);

  return {
    name: "wasm",
    buffer: memory.buffer,
    bind: (update) => bind(typed[update.dtype], update),
    operation({ kernel }, dtype, ...operands) {
      const run = typed[dtype][kernel];
      const [a, b, c, d, e, f, g, h, i, j] = operands.map((x) => (typeof x === "number" ? x : x.byteOffset));
      return () => run(a, b, c, d, e, f, g, h, i, j) as never;
    },
    fold({ kernel }, x, y = x, z = x, scalar) {
      const run = kernelsFor(x)[kernel];
      const size = x.BYTES_PER_ELEMENT;
      const c = scalar?.byteOffset ?? 0;
      let total = 0;
      for (let start = 0; start < x.length; start += BLOCK) {
        const i = start * size;
        total += run(Math.min(BLOCK, x.length - start), x.byteOffset + i, y.byteOffset + i, z.byteOffset + i, c);
      }
      return total;
    },
    allFinite(x) {
      const { all_finite } = kernelsFor(x);
      for (let start = 0; start < x.length; start += BLOCK)
        if (!all_finite(Math.min(BLOCK, x.length - start), x.byteOffset + start * x.BYTES_PER_ELEMENT)) return false;
      return true;
    },
    sample: (curve, start, out) => sample(kernels, memory.buffer, curve, start, out),
  };
}

/** The kernels of one dtype under their bare names. */
function withoutSuffix(kernels: Record<string, Kernel>, suffix: string): Record<string, Kernel> {
  const own = Object.entries(kernels).filter(([name]) => name.endsWith(suffix));
  return Object.fromEntries(own.map(([name, kernel]) => [name.slice(0, -suffix.length), kernel]));
}

/**
 * A group's update in pieces. Kernels are called on at most `BLOCK` elements because V8 does not replace a running WASM function:
 * one long first call would stay in the baseline compiler throughout. Their arguments are addresses only: a call that is not
 * inlined boxes every fractional number it passes.
 */
function bind(kernels: Record<string, Kernel>, update: Update): () => void {
  const { slots, prelude } = update;
  const kernel = kernels[update.kernel];
  const { gradient, gradient_l2 } = kernels;
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

function sample(
  kernels: Record<string, Kernel>,
  buffer: ArrayBuffer,
  { kernel, at, scalars, list }: Curve,
  start: number,
  out: Float64Array,
): void {
  const memory = new Float64Array(buffer);
  const room = memory.length - (list?.length ?? 0);
  // A list that leaves no room for values: the same bits, one by one.
  if (room < memory.length / 2) {
    for (let i = 0; i < out.length; i++) out[i] = at(start + i);
    return;
  }
  if (list) memory.set(list, room);
  const args = list ? [room * 8, list.length, ...scalars] : [...scalars];
  for (let done = 0; done < out.length; done += room) {
    const n = Math.min(room, out.length - done);
    kernels[kernel](n, 0, start + done, ...args);
    out.set(memory.subarray(0, n), done);
  }
}
