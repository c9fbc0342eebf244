import { exponentFor, type Range, ranges } from "../common/bearing.ts";
import type { NamedScalars } from "../common/named-scalars.ts";
import type { OptionTable, Resolved } from "../common/options.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import type { Backend } from "../kernels/backend.ts";
import { largestMagnitude, squares } from "../ops/reduce.ts";
import type { Hyperparameters } from "./hyperparameters.ts";
import type { Spec } from "./spec.ts";

const isClipped = (clipValue: number, most: number): boolean => clipValue < Infinity && clipValue <= most;

/** The group that it guards. */
interface Guarded {
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly members: readonly { readonly name: string; readonly g: FloatArray }[];
  readonly hypers: Hyperparameters;
  readonly carry: NamedScalars<string>;
}

/** What keeps from a group a gradient that its state cannot bear: one that is not finite, or too large when all is done to it. */
export class GradientGuard {
  readonly #group: Guarded;
  readonly #rule: Pick<Spec, "bears">;
  readonly #options: Resolved<OptionTable>;
  readonly #backend: Backend;
  readonly #dtype: Dtype;
  readonly #range: Range;
  readonly #takesNorms: boolean;
  /** What of what is borne is left to an element: cautious divides by 0.001 or more. */
  readonly #share: number;
  readonly #centralizes: boolean;
  /** What an element may be, under its exponent for the check, and what that was found for. */
  readonly #limit = { most: 0, exponent: 0, factor: Number.NaN, version: -1 };

  constructor(
    group: Guarded,
    rule: Pick<Spec, "bears">,
    options: Resolved<OptionTable>,
    backend: Backend,
    dtype: Dtype,
  ) {
    this.#group = group;
    this.#rule = rule;
    this.#options = options;
    this.#backend = backend;
    this.#dtype = dtype;
    this.#range = ranges[dtype];
    this.#takesNorms = options.clipTensorNorm !== Infinity || options.clipAdaptive !== Infinity;
    this.#share = options.cautious === true ? 2 ** -10 : 1;
    this.#centralizes = options.centralize === true;
  }

  /**
   * Whether the next update can bear the gradient, if that is multiplied by `factor`.
   *
   * @param norm of the gradients of all groups, if that is known: no element is larger
   */
  bears(factor: number, norm: number | undefined): boolean {
    const { most, exponent } = this.#limitFor(factor);
    if (norm !== undefined && norm * factor < most) return true;
    if (this.#backend.within(this.#group.g, exponent)) return true;
    return this.#takesNorms && this.fault(factor) === undefined;
  }

  /** The limit of the step before is that of the next, unless options or the factor have changed or numbers are carried. */
  #limitFor(factor: number): { readonly most: number; readonly exponent: number } {
    const limit = this.#limit;
    const { g, hypers, carry } = this.#group;
    const { version } = hypers;
    if (limit.factor === factor && limit.version === version && carry.values.length === 0) return limit;
    const scale = hypers.shared.gradScale * factor;
    limit.most = this.#most(scale);
    limit.exponent = exponentFor(g, limit.most / scale);
    limit.factor = factor;
    limit.version = version;
    return limit;
  }

  /** What an element of the scaled gradient may be, whatever the others and the parameter are. */
  #most(scale: number): number {
    const { clipValue, clipTensorNorm } = this.#group.hypers.shared;
    const borne = this.#borne();
    const most = clipTensorNorm <= borne / 2 ? Infinity : borne;
    const summed = this.#takesNorms ? Math.min(most, this.#range.norm) : most;
    return isClipped(clipValue, summed) ? Infinity : Math.min(summed, this.#scaled(scale));
  }

  /** What an element can be so that what `scale` makes of it is a number of the dtype. */
  #scaled(scale: number): number {
    return scale > 1 ? 2 * this.#range.mean : Infinity;
  }

  /** What an element may be after all clipping; centralize adds a mean. */
  #borne(): number {
    const { g, hypers, carry } = this.#group;
    const most = this.#rule.bears(this.#range, hypers.values, carry, this.#options, g.length);
    const alone = most * this.#share;
    return this.#centralizes ? Math.min(alone / 2, ranges.f64.mean / g.length) : alone;
  }

  /** What is wrong with the gradient, if that is multiplied by `factor`; undefined if it can be borne. */
  fault(factor: number): string | undefined {
    const { gradScale, clipValue } = this.#group.hypers.shared;
    const beyond = (most: number) =>
      this.#group.members.find(({ g }) => !this.#backend.within(g, exponentFor(g, most)));
    const infinite = beyond(Infinity);
    if (infinite) return `the gradient of ${infinite.name} is not finite`;
    const scale = gradScale * factor;
    const largest = Math.min(scale * this.#largest(), clipValue);
    if (this.#takesNorms && !(largest * largest * this.#group.g.length < Infinity))
      return "the gradients' norm is not finite";
    const most = this.#borne();
    if (isClipped(clipValue, most)) return undefined;
    const limit = Math.min(this.#shortens(most / 2) ? Infinity : most, this.#scaled(scale)) / scale;
    const large = beyond(limit);
    return large && `the gradient of ${large.name} is more than the state can bear, ${limit.toPrecision(2)},`;
  }

  #largest(): number {
    const { g } = this.#group;
    return this.#backend.operation(largestMagnitude, this.#dtype, g.length, g)();
  }

  /** Whether any gradient is clipped to a norm of at most `most`. A factor so small that it has few digits may be half as much again. */
  #shortens(most: number): boolean {
    const { clipTensorNorm, clipAdaptive } = this.#group.hypers.shared;
    if (clipTensorNorm <= most) return true;
    if (clipAdaptive === Infinity) return false;
    const norm = Math.sqrt(this.#backend.reduce(squares, this.#group.p));
    return clipAdaptive * Math.max(norm, 1e-3) <= most;
  }
}
