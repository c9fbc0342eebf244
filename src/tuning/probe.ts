import type { FloatArray } from "../backend.ts";

/** Arrays of one length: parameters and their gradients. */
interface Pair {
  readonly p: FloatArray;
  readonly g: FloatArray;
}

/** What one step was like, s being the update and g the gradients at both ends of it. */
export interface Stride {
  /** g · s at the beginning and at the end: the slope of the loss along the step, times its length. */
  readonly before: number;
  readonly after: number;
  /** ‖g‖² at the beginning, ‖s‖², ‖p‖². */
  readonly gradient: number;
  readonly update: number;
  readonly weights: number;
}

/** The most elements that are looked at. */
const MOST = 128;

/**
 * Looks at one step of a group: `start()` before it, `stepped()` after it, `arrived()` after the next, when the gradient at its end is there.
 * Of a large group it looks at every so manieth element, at an odd distance so that a matrix is not seen along one column. Lengths and
 * elements are read once: of a view of WebAssembly memory every read takes its time.
 */
export class Probe {
  readonly #pairs: readonly Pair[];
  readonly #distance: number;
  readonly #before: Float64Array;
  readonly #update: Float64Array;
  #slope = 0;
  #gradient = 0;
  #squares = 0;
  #weights = 0;

  constructor(pairs: readonly Pair[]) {
    const length = pairs.reduce((sum, { p }) => sum + p.length, 0);
    this.#pairs = pairs;
    this.#distance = length <= MOST ? 1 : Math.ceil(length / MOST) | 1;
    const most = pairs.reduce((sum, { p }) => sum + Math.ceil(p.length / this.#distance), 0);
    this.#before = new Float64Array(most);
    this.#update = new Float64Array(most);
  }

  start(): void {
    let n = 0;
    for (let k = 0; k < this.#pairs.length; k++) {
      const { p } = this.#pairs[k];
      const { length } = p;
      for (let i = 0; i < length; i += this.#distance) this.#before[n++] = p[i];
    }
  }

  stepped(): void {
    let n = 0;
    let slope = 0;
    let gradient = 0;
    let squares = 0;
    let weights = 0;
    for (let k = 0; k < this.#pairs.length; k++) {
      const { p, g } = this.#pairs[k];
      const { length } = p;
      for (let i = 0; i < length; i += this.#distance) {
        const x = p[i];
        const slant = g[i];
        const s = x - this.#before[n];
        this.#update[n++] = s;
        slope += slant * s;
        gradient += slant * slant;
        squares += s * s;
        weights += x * x;
      }
    }
    this.#slope = slope;
    this.#gradient = gradient;
    this.#squares = squares;
    this.#weights = weights;
  }

  arrived(): Stride {
    let n = 0;
    let after = 0;
    for (let k = 0; k < this.#pairs.length; k++) {
      const { g } = this.#pairs[k];
      const { length } = g;
      for (let i = 0; i < length; i += this.#distance) after += g[i] * this.#update[n++];
    }
    return {
      before: this.#slope,
      after,
      gradient: this.#gradient,
      update: this.#squares,
      weights: this.#weights,
    };
  }
}
