import type { Arena } from "../arena.ts";
import type { BackendChoice, Dtype } from "../backend.ts";
import { descentOptions } from "../descent.ts";
import { choice, count, fixed, flag, nonNegative, type Options, optional, type Resolved } from "../options.ts";

export const NAME = "lbfgs";

export const table = {
  /** The length of a step, as a part of the direction; with a line search the first that is tried. */
  lr: nonNegative(1),
  /** The most iterations of one step. */
  maxIter: fixed(count({ fallback: 20 })),
  /** The most evaluations of the closure in one step, not to be exceeded but by the first of a line search. Default: ⌊1.25 · maxIter⌋. */
  maxEval: optional(count()),
  /** A step ends where no element of the gradient is larger. */
  toleranceGrad: fixed(nonNegative(1e-7)),
  /** A step ends where no parameter changes by more, or the loss by less. */
  toleranceChange: fixed(nonNegative(1e-9)),
  /** How many changes of the gradient are kept. */
  historySize: fixed(count({ fallback: 100 })),
  /** Whether the length of a step is found by a line search under the strong Wolfe conditions, or is always lr. */
  lineSearchFn: choice("none", "strongWolfe"),
  /** Ascends instead of descending. */
  maximize: flag(false),
  /** When a loss or gradient is not finite: end the step where both were, and count it in `skipped`; throw; or go on. */
  onNonFinite: descentOptions.onNonFinite,
  /** Copies the parameters back into the typed arrays given before every call of the closure and after the step. */
  inPlace: flag(false),
};

export type LbfgsOptions<D extends Dtype = Dtype> = Options<typeof table> & {
  /** Default: f64 if the parameters hold a Float64Array, else f32. */
  readonly dtype?: D | undefined;
  /** Default "auto". Not together with `arena`, which has its own. */
  readonly backend?: BackendChoice | undefined;
  /** Where to live; by default in a memory of its own. */
  readonly arena?: Arena | undefined;
};

export type ResolvedLbfgs = Resolved<typeof table>;
