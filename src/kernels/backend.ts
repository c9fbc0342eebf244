import type { NamedScalars } from "../common/named-scalars.ts";
import type { Dtype, FloatArray, Round } from "../common/types.ts";
import type { KernelName } from "./names.ts";

export type BackendName = "wasm" | "plain";
/** "auto" takes WebAssembly where it runs with SIMD and is not forbidden, the plain backend elsewhere. */
export type BackendChoice = "auto" | BackendName;

/** A group's arrays by name: its parameters `p`, its gradients `g` and its state. */
export type Arrays = Readonly<Record<string, FloatArray>>;

/** One group's update, as its backend gets it once, at creation. */
export interface Update {
  /** The WASM kernel, without its dtype. */
  readonly kernel: string;
  /** The same arithmetic in TypeScript, over the whole of the arrays it gets. */
  readonly update: (arrays: Arrays, round: Round) => void;
  readonly dtype: Dtype;
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly slots: Readonly<Record<string, FloatArray>>;
  /** The kernel's scalars in its own order, filled before every call and padded to the widest kernel's count. */
  readonly scalars: FloatArray;
  readonly prelude: Readonly<GradientTransform>;
  /** Where a piece of the prepared gradient lies; absent when no option can ask for one. */
  readonly scratch: FloatArray | undefined;
}

/** What happens to the gradient before the kernel sees it: g ← clamp(scale · g, floor, ceiling) + decay · p. */
export type GradientTransform = NamedScalars<"scale" | "ceiling" | "floor" | "decay">;

/** Whether the kernel may read the gradient where it lies. */
export const isIdentity = ({ scale, ceiling, decay }: Readonly<GradientTransform>): boolean =>
  scale === 1 && ceiling === Infinity && decay === 0;

/** What a schedule is to a backend: a closed form bound to its constants, or what is made of such. */
export interface Curve {
  /** The value at index `k`. */
  readonly at: (k: number) => number;
  /** How many curves lie within each other, itself included. */
  readonly depth: number;
  /** How long the longest list is that any of them needs. */
  readonly list: number;
  /** Writes the values at `start`, `start + 1`, … to `out`, which lies in the sampler's memory. The same bits as `at`. */
  readonly write: (start: number, out: Float64Array, sampler: Sampler) => void;
}

/** A memory in which curves are evaluated, and what its backend can do there. */
export interface Sampler {
  /** A closed form's values. The kernel gets the list as address and length, then `args`. */
  run(kernel: string, start: number, out: Float64Array, args: readonly number[], list: Float64Array | undefined): void;
  /** As much room as `out`, for what is to be combined with it. */
  beside(out: Float64Array): Float64Array;
  multiply(out: Float64Array, by: Float64Array): void;
  clamp(out: Float64Array, min: number, max: number): void;
}

/** A sum over arrays of one length, in f64 and in one fixed order: its kernel, and what is summed. */
export interface Reduction {
  readonly kernel: KernelName;
  /** Writes the terms of the `n` elements from `start` on to `out`. */
  terms(out: Float64Array, n: number, start: number, x: FloatArray, y: FloatArray, z: FloatArray, scalar: number): void;
}

/** A kernel that is neither an element-wise update nor a sum, and its twin. Operands are arrays, whose addresses the kernel gets, and whole numbers. */
export interface Operation<A extends readonly (FloatArray | number)[], R = void> {
  readonly kernel: KernelName;
  plain(round: Round, ...operands: A): R;
}

/** The seam: a memory that never grows and what can be done in it. Both backends give the same bits. */
export interface Backend {
  readonly name: BackendName;
  readonly buffer: ArrayBuffer;
  /** Makes one group's update; calling the result runs it once and allocates nothing. */
  bind(update: Update): () => void;
  /** Binds an operation to its operands. */
  operation<A extends readonly (FloatArray | number)[], R>(
    operation: Operation<A, R>,
    dtype: Dtype,
    ...operands: A
  ): () => R;
  /** Σ term(x, y, z, scalar[0]); what a term does not read can be left out. */
  reduce(fold: Reduction, x: FloatArray, y?: FloatArray, z?: FloatArray, scalar?: FloatArray): number;
  /** Whether every |x| is below 2^exponent, which `exponentFor` of common/bearing.ts gives. */
  within(x: FloatArray, exponent: number): boolean;
  /** Writes the values at `start`, `start + 1`, … to `out`, which need not lie in `buffer`. */
  sample(curve: Curve, start: number, out: Float64Array): void;
}
