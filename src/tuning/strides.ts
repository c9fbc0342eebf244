import type { Stride } from "./probe.ts";

/** How many strides are recent. */
const RECENT = 8;

/** What share of the largest gradient's squared norm rounding may leave. */
const NOISE = 1e-10;

/** The least cosine between a step and the gradient for which the curvature along it is looked at. */
const ALONG = 0.1;

/** What the steps of a group that were looked at have in common. */
export class Strides {
  #count = 0;
  /** Their slopes by ‖g‖ ‖s‖, so that `before` is the cosine of gradient and step. */
  readonly #recent: Stride[] = [];
  #largest = 0;
  #stiffest = 0;
  #settled = false;

  /** How many have told anything. */
  get count(): number {
    return this.#count;
  }

  /** Whether the gradient is no more than what rounding leaves of it. */
  get settled(): boolean {
    return this.#settled;
  }

  add(stride: Stride): void {
    const { gradient, update } = stride;
    const size = Math.sqrt(gradient) * Math.sqrt(update);
    // Along a step that rounding swallowed the slope stays as it is.
    const before = size > 0 ? stride.before / size : 1;
    const after = size > 0 ? stride.after / size : 1;
    this.#settled = this.#largest > 0 && gradient <= NOISE * this.#largest;
    if (this.#settled || !(gradient > 0 && size < Infinity) || !Number.isFinite(before) || !Number.isFinite(after))
      return;
    this.#count++;
    this.#largest = Math.max(this.#largest, gradient);
    this.#recent.push({ ...stride, before, after });
    if (this.#recent.length > RECENT) this.#recent.shift();
    if (Math.abs(before) >= ALONG) this.#stiffest = Math.max(this.#stiffest, 1 - after / before);
  }

  /** The slope at the end of a step by that at its beginning: the mean over the recent ones, weighted by the cosine of gradient and step. */
  get turn(): number {
    const recent = this.#recent;
    const turned = recent.reduce((sum, { before, after }) => sum + after * Math.sign(before), 0);
    return turned / recent.reduce((sum, { before }) => sum + Math.abs(before), 0);
  }

  /** Whether the later half of the recent ones has larger gradients than the earlier. */
  get grows(): boolean {
    const half = this.#recent.length >> 1;
    const sum = (strides: readonly Stride[]) => strides.reduce((total, { gradient }) => total + gradient, 0);
    return sum(this.#recent.slice(-half)) > sum(this.#recent.slice(0, half));
  }

  /**
   * By what the rate could be multiplied for gradient descent on a quadratic to converge fastest. There 1 − the slope at the end of a step by
   * that at its beginning is η times a mean of the curvatures, which is largest while the steepest directions last and smallest when they
   * are gone: estimates of ηL and ημ, and the best rate is 2 / (μ + L).
   */
  get headroom(): number {
    if (this.#recent.length === 0) return NaN;
    const gentlest = this.#recent.reduce((least, { before, after }) => Math.min(least, 1 - after / before), Infinity);
    return 2 / (this.#stiffest + Math.max(gentlest, 0));
  }

  /** The length of an update by that of the weights. */
  get ratio(): number {
    return Math.sqrt(this.#sum("update") / this.#sum("weights"));
  }

  #sum(key: keyof Stride): number {
    return this.#recent.reduce((total, stride) => total + stride[key], 0);
  }
}
