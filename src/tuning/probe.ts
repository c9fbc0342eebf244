import type { FloatArray } from "../common/types.ts";

/** What is looked at: parameters and their gradients, arrays of one length. */
interface Pair {
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly maximizes: boolean;
}

/**
 * What one step was like, s being the update and g the gradients at both ends of it. Sums over what was looked at, times what share of all that
 * is, so that those of several groups can be added; g has the sign of what is minimized.
 */
export interface Stride {
  /** g · s at the beginning and at the end: the slope of the loss along the step, times its length. */
  readonly before: number;
  readonly after: number;
  /** g · w at the beginning, w being the way from the first weights to there. */
  readonly way: number;
  /** ‖g‖² at the beginning and at the end, ‖s‖², ‖p‖². */
  readonly gradient: number;
  readonly ahead: number;
  readonly update: number;
  readonly weights: number;
}

/** That of several groups. */
export function sumOf(strides: readonly Stride[]): Stride {
  const sum = (of: (stride: Stride) => number) => strides.reduce((total, stride) => total + of(stride), 0);
  return {
    before: sum((stride) => stride.before),
    after: sum((stride) => stride.after),
    way: sum((stride) => stride.way),
    gradient: sum((stride) => stride.gradient),
    ahead: sum((stride) => stride.ahead),
    update: sum((stride) => stride.update),
    weights: sum((stride) => stride.weights),
  };
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
  readonly #first: Float64Array;
  readonly #before: Float64Array;
  readonly #update: Float64Array;
  /** How many elements there are for one that is looked at. */
  readonly #share: number;
  #slope = 0;
  #way = 0;
  #gradient = 0;
  #squares = 0;
  #weights = 0;

  /** The way begins at the weights that there are now. */
  constructor(pairs: readonly Pair[]) {
    const length = pairs.reduce((sum, { p }) => sum + p.length, 0);
    this.#pairs = pairs;
    this.#distance = length <= MOST ? 1 : Math.ceil(length / MOST) | 1;
    const most = pairs.reduce((sum, { p }) => sum + Math.ceil(p.length / this.#distance), 0);
    this.#before = new Float64Array(most);
    this.#update = new Float64Array(most);
    this.#share = length / most;
    this.start();
    this.#first = this.#before.slice();
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
    let way = 0;
    let gradient = 0;
    let squares = 0;
    let weights = 0;
    for (let k = 0; k < this.#pairs.length; k++) {
      const { p, g, maximizes } = this.#pairs[k];
      const { length } = p;
      const sign = maximizes ? -1 : 1;
      for (let i = 0; i < length; i += this.#distance) {
        const x = p[i];
        const slant = sign * g[i];
        const before = this.#before[n];
        const s = x - before;
        way += slant * (before - this.#first[n]);
        this.#update[n++] = s;
        slope += slant * s;
        gradient += slant * slant;
        squares += s * s;
        weights += x * x;
      }
    }
    this.#slope = slope;
    this.#way = way;
    this.#gradient = gradient;
    this.#squares = squares;
    this.#weights = weights;
  }

  arrived(): Stride {
    let n = 0;
    let after = 0;
    let ahead = 0;
    for (let k = 0; k < this.#pairs.length; k++) {
      const { g, maximizes } = this.#pairs[k];
      const { length } = g;
      const sign = maximizes ? -1 : 1;
      for (let i = 0; i < length; i += this.#distance) {
        const slant = sign * g[i];
        after += slant * this.#update[n++];
        ahead += slant * slant;
      }
    }
    const share = this.#share;
    return {
      before: share * this.#slope,
      after: share * after,
      way: share * this.#way,
      gradient: share * this.#gradient,
      ahead: share * ahead,
      update: share * this.#squares,
      weights: share * this.#weights,
    };
  }
}
