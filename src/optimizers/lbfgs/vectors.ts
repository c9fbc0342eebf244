import { exponentFor, ranges } from "../../common/bearing.ts";
import type { Dtype, FloatArray } from "../../common/types.ts";
import { bytesOf, viewsAt, WIDTH } from "../../engine/layout.ts";
import { axpby, unlimited } from "../../engine/pipeline.ts";
import type { GradientTransform } from "../../kernels/backend.ts";
import type { Arena } from "../../memory/arena.ts";
import { dot, largestMagnitude, magnitudes } from "../../ops/reduce.ts";

/** What there is of vectors as long as all parameters together. */
export interface Size {
  readonly length: number;
  /** Pairs of a step and a change of the gradient. */
  readonly pairs: number;
  /** Whether a line search needs room. */
  readonly searches: boolean;
}

/** Every array's length, in the order in which they lie. */
export function lengthsOf({ length, pairs, searches }: Size): Readonly<Record<string, number>> {
  const ends = searches ? ["left", "right"] : [];
  const history = Array.from({ length: pairs }, (_, i) => [`old_dir ${i}`, `old_stp ${i}`]);
  const vectors = ["p", "g", "flat_grad", "prev_flat_grad", "d", "x", ...ends, ...history.flat()];
  return { scalars: WIDTH, ...Object.fromEntries(vectors.map((name) => [name, length])) };
}

/** Runs out ← α · a + β · b, each product and the sum rounded; β is 0 if not given. */
export type Combination = (alpha: number, beta?: number) => void;

/** A change of the gradient and the step that made it, under torch's odd names for them. */
export interface PairVectors {
  readonly old_dir: FloatArray;
  readonly old_stp: FloatArray;
}

/** The vectors, on 64-byte lines of one block, and what can be done with them. */
export class Vectors {
  readonly p: FloatArray;
  readonly g: FloatArray;
  /** The gradient of what is minimised, where it was looked at last. */
  readonly flat_grad: FloatArray;
  /** The gradient where the step began; then, for a moment, by how much it changed. */
  readonly prev_flat_grad: FloatArray;
  /** The direction; then, for a moment, the step. */
  readonly d: FloatArray;
  /** The parameters where the step began. */
  readonly x: FloatArray;
  /** The gradients at the ends of a line search's interval, if there is one. */
  readonly ends: readonly FloatArray[];
  readonly pairs: readonly PairVectors[];
  /** flat_grad ← α · g */
  readonly take: Combination;
  /** p ← α · x + β · d */
  readonly advance: Combination;
  /** d ← α · flat_grad */
  readonly aim: Combination;
  /** d ← α · d */
  readonly scale: Combination;
  /** prev_flat_grad ← α · flat_grad + β · prev_flat_grad */
  readonly change: Combination;
  /** max |flat_grad| */
  readonly largestGradient: () => number;
  /** max |d| */
  readonly largestDirection: () => number;
  readonly #arena: Arena;
  readonly #dtype: Dtype;
  readonly #c: GradientTransform;

  constructor(size: Size, arena: Arena, start: number, dtype: Dtype) {
    const { buffer } = arena.kernels;
    const lengths = lengthsOf(size);
    new Uint8Array(buffer, start, bytesOf(lengths, dtype)).fill(0);
    const views = viewsAt(lengths, buffer, start, dtype);
    const { scalars, p, g, flat_grad, prev_flat_grad, d, x, left, right } = views;
    this.p = p;
    this.g = g;
    this.flat_grad = flat_grad;
    this.prev_flat_grad = prev_flat_grad;
    this.d = d;
    this.x = x;
    this.ends = size.searches ? [left, right] : [];
    this.pairs = Array.from({ length: size.pairs }, (_, i) => ({
      old_dir: views[`old_dir ${i}`],
      old_stp: views[`old_stp ${i}`],
    }));
    this.#arena = arena;
    this.#dtype = dtype;
    this.#c = unlimited(scalars);
    this.take = this.combination(flat_grad, g);
    this.advance = this.combination(p, x, d);
    this.aim = this.combination(d, flat_grad);
    this.scale = this.combination(d, d);
    this.change = this.combination(prev_flat_grad, flat_grad, prev_flat_grad);
    this.largestGradient = this.#largest(flat_grad);
    this.largestDirection = this.#largest(d);
  }

  combination(out: FloatArray, a: FloatArray, b = a): Combination {
    const run = axpby(this.#arena.kernels, this.#dtype, out, a, b, this.#c);
    return (alpha, beta = 0) => {
      this.#c.scale = alpha;
      this.#c.decay = beta;
      run();
    };
  }

  dot(a: FloatArray, b: FloatArray): number {
    return this.#arena.kernels.reduce(dot, a, b);
  }

  sumOfMagnitudes(x: FloatArray): number {
    return this.#arena.kernels.reduce(magnitudes, x);
  }

  /**
   * Whether dot products of this gradient, or a part of it, stay finite, and so do differences of two of its kind.
   */
  bears(g: FloatArray): boolean {
    const { mean, norm } = ranges[this.#dtype];
    return this.#arena.kernels.within(g, exponentFor(g, Math.min(mean, norm)));
  }

  #largest(x: FloatArray): () => number {
    return this.#arena.kernels.operation(largestMagnitude, this.#dtype, x.length, x);
  }
}
