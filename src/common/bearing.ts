import type { Dtype, FloatArray } from "./types.ts";

/** What numbers of a dtype, and sums of them, can come to: from it an optimizer says how large a gradient it can bear. */
export interface Range {
  /** What a moving mean may hold: a quarter of the largest number, for its weights are rounded and its neighbours added to it. */
  readonly mean: number;
  /** What a divisor is at least: less than half of the last digit of any square's root, but of 0's. */
  readonly least: number;
  /** What may be squared for a moving mean. */
  readonly square: number;
  /**
   * How many times its largest term a sum of any number of terms can come to: beyond, a term is less than half of the sum's last digit
   * and leaves it as it is.
   */
  readonly terms: number;
  /** What may be squared for a sum that nothing leaves. */
  readonly squareSum: number;
  /** What may be squared for an f64 sum over 2^40 elements. */
  readonly norm: number;
  /** What may be squared for a sum that no such sum leaves. */
  readonly normSum: number;
}

const [norm, normSum] = [2 ** 490, 2 ** 463];

/** Powers of two, which the limits are compared by. */
export const ranges: Readonly<Record<Dtype, Range>> = {
  f32: { least: 2 ** -100, mean: 2 ** 126, square: 2 ** 63, terms: 2 ** 25, squareSum: 2 ** 51, norm, normSum },
  f64: { least: 2 ** -600, mean: 2 ** 1022, square: 2 ** 511, terms: 2 ** 54, squareSum: 2 ** 484, norm, normSum },
};

/** How many times its largest term a sum can come to that keeps the share `kept` of itself at every step; of more than 1 there is no end. */
export const pileOf = (kept: number, { terms }: Range): number => (kept < 1 ? Math.min(1 / (1 - kept), terms) : terms);

/** What is squared for a moving mean. */
export const ofSquares = ({ square }: Range): number => square;

/**
 * For a mean of gradients, kept by `beta1`, over eps and the root of one of their squares, kept by `beta2`. Where the root can be forgotten
 * before the mean is, eps is all that is left of the divisor.
 */
export const ofMeanOverRoot = (
  { mean, square }: Range,
  {
    lr,
    beta1,
    beta2,
    eps,
  }: { readonly lr: number; readonly beta1: number; readonly beta2: number; readonly eps: number },
): number => (beta1 * beta1 < beta2 ? square : Math.min(square, (mean * eps) / Math.max(1, lr)));

/**
 * For a buffer that keeps the share `momentum` of itself and takes `weight` times the gradient; a look-ahead adds `momentum` times the
 * buffer, and a step is `rate` times all that.
 */
export const ofBuffer = (range: Range, momentum: number, weight: number, rate: number): number =>
  range.mean / (weight * pileOf(momentum, range) * (1 + momentum) * Math.max(1, rate));

/** For state that is a parameter, or a mean of them: a sum of steps that nothing leaves. */
export const ofSteps = ({ mean, terms }: Range, { lr }: { readonly lr: number }): number =>
  Math.min(mean, mean / (4 * terms * lr));

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/** The exponent of the largest power of two that is not above `most`, held to what the dtype of `x` has; finite numbers are below the last. */
export function exponentFor(x: FloatArray, most: number): number {
  bits[0] = most;
  const exponent = (words[1] >>> 20) - 1023;
  const last = x.BYTES_PER_ELEMENT === 4 ? 128 : 1024;
  return Math.max(Math.min(exponent, last), 2 - last);
}

/** 2^exponent, of 1024 Infinity. */
export function powerOfTwo(exponent: number): number {
  words[0] = 0;
  words[1] = (exponent + 1023) << 20;
  return bits[0];
}
