import { instantiateSync } from "@assemblyscript/loader";
import { type Backend, isIdentity, type Update } from "../backend.ts";
import { base64, type KernelExports } from "./kernels.ts";
import { BLOCK, PIECE } from "./pieces.ts";
import { sample } from "./sampler.ts";

/** A kernel without its dtype, of those that come for both. */
export type KernelName = keyof { [K in keyof KernelExports as K extends `${infer Name}_f32` ? Name : never]: K };

/** The kernels that are of no dtype: schedules, all f64. */
export type ScheduleName = Exclude<keyof KernelExports, `${string}_${"f32" | "f64"}`>;

export type Kernel = (...args: number[]) => number;

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
  const { sum_of_squares_f32, sum_of_squares_f64, all_finite_f32, all_finite_f64 } = kernels;
  const { keep_agreeing_f32, keep_agreeing_f64 } = kernels;
  const { centralize_rows_f32, centralize_rows_f64, clip_rows_f32, clip_rows_f64 } = kernels;

  return {
    name: "wasm",
    buffer: memory.buffer,
    bind: (update) => bind(kernels, update),
    sumOfSquares(x) {
      const kernel = x.BYTES_PER_ELEMENT === 4 ? sum_of_squares_f32 : sum_of_squares_f64;
      let sum = 0;
      for (let start = 0; start < x.length; start += BLOCK)
        sum += kernel(Math.min(BLOCK, x.length - start), x.byteOffset + start * x.BYTES_PER_ELEMENT);
      return sum;
    },
    allFinite(x) {
      const kernel = x.BYTES_PER_ELEMENT === 4 ? all_finite_f32 : all_finite_f64;
      for (let start = 0; start < x.length; start += BLOCK)
        if (!kernel(Math.min(BLOCK, x.length - start), x.byteOffset + start * x.BYTES_PER_ELEMENT)) return false;
      return true;
    },
    keepAgreeing(update, g) {
      const kernel = update.BYTES_PER_ELEMENT === 4 ? keep_agreeing_f32 : keep_agreeing_f64;
      let count = 0;
      for (let start = 0; start < update.length; start += BLOCK) {
        const x = start * update.BYTES_PER_ELEMENT;
        count += kernel(Math.min(BLOCK, update.length - start), update.byteOffset + x, g.byteOffset + x);
      }
      return count;
    },
    centralizeRows(rows, g) {
      const kernel = g.BYTES_PER_ELEMENT === 4 ? centralize_rows_f32 : centralize_rows_f64;
      kernel(rows, g.length / rows, g.byteOffset);
    },
    clipRows(rows, g, p, factor) {
      const kernel = g.BYTES_PER_ELEMENT === 4 ? clip_rows_f32 : clip_rows_f64;
      kernel(rows, g.length / rows, g.byteOffset, p.byteOffset, factor);
    },
    sample: (curve, start, out) => sample(kernels, memory.buffer, curve, start, out),
  };
}

/**
 * A group's update in pieces. Kernels are called on at most `BLOCK` elements because V8 does not replace a running WASM function:
 * one long first call would stay in the baseline compiler throughout. Their arguments are addresses only: a call that is not
 * inlined boxes every fractional number it passes.
 */
function bind(kernels: Record<string, Kernel>, update: Update): () => void {
  const { dtype, slots, prelude } = update;
  const kernel = kernels[`${update.kernel}_${dtype}`];
  const gradient = kernels[`gradient_${dtype}`];
  const decayedGradient = kernels[`gradient_l2_${dtype}`];
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
    const prepare = prelude.decay === 0 ? gradient : decayedGradient;
    for (let start = 0; start < length; start += PIECE) {
      const n = Math.min(PIECE, length - start);
      const x = start * size;
      prepare(n, scratch, g + x, p + x, 0, 0, 0, d);
      kernel(n, p + x, scratch, s + x, t + x, u + x, v + x, c);
    }
  };
}
