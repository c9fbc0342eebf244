import type { Stride } from "./probe.ts";

/** How many strides are recent. */
const RECENT = 8;

/** What share of the first gradient's squared norm rounding may leave. */
const NOISE = 1e-10;

/** The least cosine between a step and the gradient for which the curvature along it is looked at. */
const ALONG = 0.1;

interface Recent {
  readonly stride: Stride;
  /** How many steps had been made by its end. */
  readonly step: number;
  /** Slopes by the length of the step and of the longer gradient: so those of steps with large and small gradients weigh alike. */
  readonly from: number;
  readonly to: number;
}

/** What the steps of a group that were looked at have in common. */
export class Strides {
  #count = 0;
  readonly #recent: Recent[] = [];
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

  add(stride: Stride, step: number): void {
    const { gradient, ahead, update } = stride;
    this.#settled = this.#largest > 0 && gradient <= NOISE * this.#largest;
    const size = Math.sqrt(Math.max(gradient, ahead)) * Math.sqrt(update);
    // Along a step that rounding swallowed the slope stays as it is.
    const from = size > 0 ? stride.before / size : 1;
    const to = size > 0 ? stride.after / size : 1;
    if (this.#settled || !(gradient > 0 && size < Infinity) || !Number.isFinite(from) || !Number.isFinite(to)) return;
    this.#count++;
    this.#largest = Math.max(this.#largest, gradient);
    this.#recent.push({ stride, step, from, to });
    if (this.#recent.length > RECENT) this.#recent.shift();
    const cosine = size > 0 ? stride.before / (Math.sqrt(gradient) * Math.sqrt(update)) : 1;
    if (Math.abs(cosine) >= ALONG) this.#stiffest = Math.max(this.#stiffest, 1 - to / from);
  }

  /** The slope at the end of a step by that at its beginning: the mean over the recent ones, weighted by the cosine of gradient and step. */
  get turn(): number {
    const turned = this.#sum(({ from, to }) => to * Math.sign(from));
    return turned / this.#sum(({ from }) => Math.abs(from));
  }

  /** Whether the later half of the recent ones has larger gradients than the earlier. */
  get grows(): boolean {
    const half = this.#recent.length >> 1;
    const sum = (recent: readonly Recent[]) => recent.reduce((total, { stride }) => total + stride.gradient, 0);
    return sum(this.#recent.slice(-half)) > sum(this.#recent.slice(0, half));
  }

  /**
   * By what the rate could be multiplied for gradient descent on a quadratic to converge fastest. There 1 − the slope at the end of a step by
   * that at its beginning is η times a mean of the curvatures, which is largest while the steepest directions last and smallest when they
   * are gone: estimates of ηL and ημ, and the best rate is 2 / (μ + L).
   */
  get headroom(): number {
    if (this.#recent.length === 0) return NaN;
    const gentlest = this.#recent.reduce((least, { from, to }) => Math.min(least, 1 - to / from), Infinity);
    return 2 / (this.#stiffest + Math.max(gentlest, 0));
  }

  /** The length of an update by that of the weights. */
  get ratio(): number {
    return Math.sqrt(this.#sum(({ stride }) => stride.update) / this.#sum(({ stride }) => stride.weights));
  }

  /** How far the loss would move in a step if the slope along it stayed as it is. */
  get promise(): number {
    return this.#sum(({ stride }) => Math.abs(stride.before)) / this.#recent.length;
  }

  /**
   * How far the loss falls in a step by the slope along the whole way from the first weights: of one that did not bend that is as far as it fell
   * in each step so far. The longer the way, the less noise of samples it has.
   */
  get pace(): number {
    return -this.#sum(({ stride, step }) => stride.way * step) / this.#sum(({ step }) => step * step);
  }

  #sum(of: (recent: Recent) => number): number {
    return this.#recent.reduce((total, recent) => total + of(recent), 0);
  }
}
