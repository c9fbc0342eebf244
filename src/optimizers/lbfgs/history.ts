import type { FloatArray } from "../../common/types.ts";
import type { Combination, PairVectors, Vectors } from "./vectors.ts";

/** As in torch: a pair with less curvature would make directions of noise. */
const LEAST_CURVATURE = 1e-10;

interface Pair extends PairVectors {
  /** d ← d + β · old_dir, and the same of old_stp. */
  readonly addDir: Combination;
  readonly addStp: Combination;
  /** 1 / (old_dir · old_stp) */
  ro: number;
  /** What the first loop leaves for the second. */
  al: number;
}

/** The last steps and what the gradient did over them: an approximation of the inverse Hessian (Nocedal 1980). */
export class History {
  /** The scale of the matrix that the approximation starts from. */
  H_diag = 1;
  readonly #vectors: Vectors;
  readonly #pairs: readonly Pair[];
  /** Where the oldest pair is: they go round. */
  #first = 0;
  #count = 0;

  constructor(vectors: Vectors) {
    const { d, pairs } = vectors;
    this.#vectors = vectors;
    this.#pairs = pairs.map(({ old_dir, old_stp }) => ({
      old_dir,
      old_stp,
      addDir: vectors.combination(d, d, old_dir),
      addStp: vectors.combination(d, d, old_stp),
      ro: 0,
      al: 0,
    }));
  }

  /** How many pairs there are. */
  get count(): number {
    return this.#count;
  }

  /** The `i`th of them, from the oldest. */
  at(i: number): Pair {
    return this.#pairs[(this.#first + i) % this.#pairs.length];
  }

  /** Takes up a change of the gradient and the step that made it, in place of the oldest if there are as many as there may be. */
  push(change: FloatArray, step: FloatArray): void {
    const curvature = this.#vectors.dot(change, step);
    if (!(curvature > LEAST_CURVATURE)) return;
    this.append(change, step, 1 / curvature);
    this.H_diag = curvature / this.#vectors.dot(change, change);
  }

  /** Takes up what is known to be a pair. */
  append(old_dir: FloatArray, old_stp: FloatArray, ro: number): void {
    const full = this.#count === this.#pairs.length;
    const pair = this.at(full ? 0 : this.#count);
    pair.old_dir.set(old_dir);
    pair.old_stp.set(old_stp);
    pair.ro = ro;
    if (full) this.#first = (this.#first + 1) % this.#pairs.length;
    else this.#count++;
  }

  clear(): void {
    this.#first = this.#count = 0;
  }

  /** d ← the approximate inverse Hessian times d, in two loops over the pairs. */
  apply(): void {
    const { d, scale } = this.#vectors;
    for (let i = this.#count - 1; i >= 0; i--) {
      const pair = this.at(i);
      pair.al = this.#vectors.dot(pair.old_stp, d) * pair.ro;
      pair.addDir(1, -pair.al);
    }
    scale(this.H_diag);
    for (let i = 0; i < this.#count; i++) {
      const pair = this.at(i);
      pair.addStp(1, pair.al - this.#vectors.dot(pair.old_dir, d) * pair.ro);
    }
  }
}
