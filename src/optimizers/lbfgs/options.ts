import {
  choice,
  count,
  fixed,
  flag,
  nonNegative,
  type Options,
  optional,
  type Resolved,
} from "../../common/options.ts";
import type { Dtype } from "../../common/types.ts";
import { stepperOptions } from "../../engine/stepper.ts";
import type { BackendChoice } from "../../kernels/backend.ts";
import type { Arena } from "../../memory/arena.ts";

export const NAME = "lbfgs";

export const table = {
  /** The length of a step, as a part of the direction; with a line search the first that is tried. */
  lr: nonNegative(1),
  /** The most iterations of one step. */
  maxIter: fixed(count({ fallback: 20 })),
  /**
   * The most evaluations of the closure in one step, not to be exceeded but by the first of a line search and by those that shorten a way
   * to what is not finite. Default: ⌊1.25 · maxIter⌋.
   */
  maxEval: optional(count()),
  /** A step ends where no element of the gradient is larger. */
  toleranceGrad: fixed(nonNegative(1e-7)),
  /** A step ends where no parameter changes by more, or the loss by less. */
  toleranceChange: fixed(nonNegative(1e-9)),
  /** How many changes of the gradient are kept, at most 10,000. */
  historySize: fixed(count({ fallback: 100, most: 10_000 })),
  /** Whether the length of a step is found by a line search under the strong Wolfe conditions, or is always lr. */
  lineSearchFn: choice("none", "strongWolfe"),
  /** Ascends instead of descending. */
  maximize: flag(false),
  /**
   * When a loss or gradient is not finite: "skip" goes half as far, up to 50 times, and if that does not help ends the step where both were,
   * and counts it in `skipped`; "throw" throws; "ignore" goes on, as torch.
   */
  onNonFinite: stepperOptions.onNonFinite,
  /** Copies the parameters back into the typed arrays given before every call of the closure and after the step. */
  inPlace: flag(false),
};

/** How often a way to what is not finite is halved: to 1e-15 of its length. */
export const HALVINGS = 50;

/**
 * Why a step ended.
 *
 * - `"no step yet"`: there has been none since the optimizer was made or loaded
 * - `"converged by gradient"`: no element of the gradient is larger than `toleranceGrad`
 * - `"converged by change"`: no parameter changed by more than `toleranceChange`, or the loss by less, or it could only have
 * - `"out of iterations"`: `maxIter` are made; without a line search nobody has looked at where the last one led
 * - `"out of evaluations"`: the closure was called `maxEval` times
 * - `"no descent"`: the direction leads uphill, or the line search found nothing lower along it: as low as the dtype can tell, or loss and
 *   gradient do not belong together
 * - `"not finite"`: loss or gradient is not, and not so much nearer either; the step is counted in `skipped`
 */
export type LbfgsStatus =
  | "no step yet"
  | "converged by gradient"
  | "converged by change"
  | "out of iterations"
  | "out of evaluations"
  | "no descent"
  | "not finite";

export type LbfgsOptions<D extends Dtype = Dtype> = Options<typeof table> & {
  /** Default: f64 if the parameters hold a Float64Array, else f32. */
  readonly dtype?: D | undefined;
  /** Default "auto". Not together with `arena`, which has its own. */
  readonly backend?: BackendChoice | undefined;
  /** Where to live; by default in a memory of its own. */
  readonly arena?: Arena | undefined;
};

export type ResolvedLbfgs = Resolved<typeof table>;
