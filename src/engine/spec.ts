import type { Range } from "../common/bearing.ts";
import type { Fields, NamedScalars } from "../common/named-scalars.ts";
import {
  choice,
  fixed,
  flag,
  type HyperName,
  limit,
  nonNegative,
  type OptionTable,
  positive,
  type Resolved,
  whole,
} from "../common/options.ts";
import type { Dtype, FloatArray, Matrix, Round, Shape } from "../common/types.ts";
import type { Backend, GradientTransform } from "../kernels/backend.ts";
import type { KernelName } from "../kernels/names.ts";

/**
 * What an optimizer is, said once. From it follow its options' types and checks, its state by name, its row in the README, its
 * differential, error and convergence tests and its bench rows.
 *
 * @typeParam O the table of its options
 * @typeParam S the names of its state slots, PyTorch's where PyTorch has the optimizer
 * @typeParam C the names of its kernels' scalars, in the kernels' order
 * @typeParam K the names of the numbers it carries from step to step
 * @typeParam M the names of the scalars of its matrix rule
 * @typeParam U the names of what it sums over all parameters
 */
export interface Spec<
  O extends OptionTable = OptionTable,
  S extends string = string,
  C extends string = string,
  K extends string = string,
  M extends string = string,
  U extends string = string,
> {
  readonly name: string;
  /** Where it comes from, for the README; of another house's preset, what it does unlike ours. */
  readonly source: string;
  readonly options: O;
  /**
   * How `weightDecay` acts, if there is one: added to the gradient before the kernel (L2), or shrinking the parameter by 1 − `decay` of
   * the hyper-parameters: inside the kernel if that has the scalar `shrink`, else in a pass before it.
   */
  readonly decayKind?: DecayKind | ((options: Resolved<O>) => DecayKind);
  /** The state these options need, in the kernel's order. */
  slots(options: Resolved<O>): readonly S[];
  /** The kernel for these options, without its dtype. */
  kernel(options: Resolved<O>): KernelName;
  readonly scalars: readonly C[];
  /** What to start a slot with, where it is not 0. */
  fill?(options: Resolved<O>): { readonly [K in S]?: number };
  /** What is wrong with options that are right one by one, if anything. */
  conflict?(options: Resolved<O>): string | undefined;
  /**
   * Numbers that a group carries from step to step because no closed form gives them, and what they start at. With `globalStats` all groups
   * share them.
   */
  readonly carry?: Readonly<Record<K, number>>;
  readonly bears: Bears<O, K>;
  /** The kernels' scalars for step `t`, from 1, in f64; `c` rounds them to the dtype. */
  constants(
    hyper: Readonly<Fields<HyperName<O> | "decay">>,
    t: number,
    c: Fields<C>,
    carry: Fields<K>,
    options: Resolved<O>,
    dtype: Dtype,
  ): void;
  /** For schedule-free methods, whose weights to evaluate with lie on the line through the parameter and a slot. */
  readonly evaluation?: {
    readonly slot: S;
    /** How far to go from the parameter to the slot for the weights to evaluate with, and from those for the parameter. */
    weight(hyper: Readonly<Fields<HyperName<O>>>, to: "eval" | "train"): number;
  };
  /**
   * For what depends on a tensor's norms before the kernel: sets `out` so that the gradient becomes scale · g + decay · p. The norms are
   * those of the parameter and of the gradient as it is clipped and scaled.
   */
  scaleGradient?(
    hyper: Readonly<Fields<HyperName<O>>>,
    norms: { readonly p: number; readonly g: number },
    out: Fields<"scale" | "decay">,
    carry: Fields<K>,
    options: Resolved<O>,
  ): void;
  /**
   * For what depends on a tensor's norms after the kernel: what its update u, with `joined` of p already in it, is multiplied by. The
   * kernel then gives the update without the lr.
   */
  trustRatio?: TrustRatio<O, K>;
  /** What of p joins the update before its norm is taken. */
  decayInUpdate?(hyper: Readonly<Fields<HyperName<O>>>): number;
  /** For tensors that are updated as matrices and not element by element. */
  readonly matrix?: MatrixRule<O, S, K, M>;
  /** For what depends on all parameters at once. */
  readonly globalStats?: GlobalStats<O, S, K, U>;
  /** The kernels' arithmetic in TypeScript: every result of an operation goes through `round`. `slots` says which arrays there are. */
  update(arrays: Record<S | "p" | "g", FloatArray>, c: Readonly<Fields<C>>, round: Round, options: Resolved<O>): void;
}

export type DecayKind = "coupled" | "decoupled";

/**
 * How large an element of a gradient may be, as the kernel sees it, if no number of them is ever to make anything infinite. What the guard
 * lets through follows from it, so it is made of what all engines compute alike.
 */
export type Bears<O extends OptionTable, K extends string> = (
  range: Range,
  hyper: Readonly<Fields<HyperName<O> | "decay">>,
  carry: Readonly<Fields<K>>,
  options: Resolved<O>,
  /** Elements of the group. */
  length: number,
) => number;

export type TrustRatio<O extends OptionTable, K extends string> = (
  hyper: Readonly<Fields<HyperName<O> | "decay">>,
  /** Each norm is taken when it is read. */
  norms: { readonly p: number; readonly u: number; readonly length: number },
  options: Resolved<O>,
  carry: Readonly<Fields<K>>,
  /** The step, from 1, and the tensor's shape. */
  at: { readonly t: number; readonly shape: Shape },
) => number;

/** Where operations are bound. */
export interface Context {
  readonly backend: Backend;
  readonly dtype: Dtype;
}

/**
 * How a tensor is updated as a matrix, or as a stack of them: by operations instead of an element-wise update, and with slots of other lengths than its
 * own. What it shares with the spec has the same meaning as there.
 */
export interface MatrixRule<O extends OptionTable, S extends string, K extends string, M extends string> {
  applies(shape: Shape, options: Resolved<O>): boolean;
  /** The slots and their lengths. */
  slots(matrix: Matrix, options: Resolved<O>): { readonly [N in S]?: number };
  /** Arrays that hold nothing from one tensor's update to the next, and their lengths. */
  scratch?(matrix: Matrix, options: Resolved<O>): Readonly<Record<string, number>>;
  readonly scalars: readonly M[];
  readonly bears: Bears<O, K>;
  constants(
    hyper: Readonly<Fields<HyperName<O> | "decay">>,
    t: number,
    c: Fields<M>,
    carry: Fields<K>,
    options: Resolved<O>,
    dtype: Dtype,
  ): void;
  /** Binds what subtracts the update from `p`, an array of zeros. */
  bind(
    kit: Context,
    matrix: Matrix,
    arrays: Record<S | "p" | "g" | (string & {}), FloatArray>,
    c: NamedScalars<M>,
    options: Resolved<O>,
  ): () => void;
  trustRatio?: TrustRatio<O, K>;
}

/** Of whatever spec. */
export type AnyMatrixRule = MatrixRule<OptionTable, string, string, string>;

/** What is found out over all parameters, gradients as the kernel sees them, before any is updated. */
export interface GlobalStats<O extends OptionTable, S extends string, K extends string, U extends string> {
  readonly sums: readonly U[];
  /** Binds what adds a group's part to the sums for its own step `t`: the first after others', if it has come to them later. */
  bind(
    kit: Context,
    arrays: Record<S | "p" | "g", FloatArray>,
    /** The scalars of a mixer (src/engine/pipeline.ts), or of a fold. */
    mix: GradientTransform,
    options: Resolved<O>,
  ): (hyper: Readonly<Fields<HyperName<O>>>, t: number, sums: Fields<U>, carry: Readonly<Fields<K>>) => void;
  /** Draws the conclusion; `hyper` and `options` are the optimizer's own, so what it reads of them should be `ungrouped`. */
  finish(
    hyper: Readonly<Fields<HyperName<O>>>,
    t: number,
    sums: Readonly<Fields<U>>,
    carry: Fields<K>,
    options: Resolved<O>,
  ): void;
  /** Bytes a parameter, in f32, that all this reads and writes, for the README. */
  readonly moved: number;
}

/** How `weightDecay` acts under these options; undefined for an optimizer that has none. */
export function decayOf(spec: Spec, options: Resolved<OptionTable>): DecayKind | undefined {
  return typeof spec.decayKind === "function" ? spec.decayKind(options) : spec.decayKind;
}

/**
 * Weight decay outside the gradient: p shrinks by weightDecay times the lr, as in torch; times the lr over its first value, as in the
 * paper (Loshchilov & Hutter 2017); or by itself.
 */
export const decoupledDecay = (weightDecay: number) => ({
  weightDecay: nonNegative(weightDecay),
  decay: choice("lr", "schedule", "fixed"),
});

/** What every optimizer takes, and every group can override: mostly what happens to a gradient before the kernel sees it. */
export const commonOptions = {
  /** Multiplies the gradient: 1 / n for a gradient summed over n batches. */
  gradScale: positive(1),
  /** Clamps every element of the scaled gradient to [−clipValue, clipValue]. */
  clipValue: limit(),
  /** Ascends instead of descending. */
  maximize: flag(false),
  /** Subtracts from the gradient of a tensor of two dimensions or more its mean over all but the first (Yong et al. 2020). */
  centralize: flag(false),
  /**
   * Multiplies each tensor's gradient by min(1, clipTensorNorm / its own norm), as Keras's clipnorm; after `clipNorm` and `clipValue`. In
   * f64, a tensor whose squares may overflow in sum (elements beyond 1e154 over the root of their number) counts as not finite.
   */
  clipTensorNorm: limit(),
  /**
   * Adaptive gradient clipping (Brock et al. 2021): a row of the gradient, all that belongs to one index of the first dimension, is at most
   * this many times as long as the parameter's, and that at least 0.001; a tensor of one dimension is one row. As timm's agc.py. What
   * counts as not finite in f64 is as for clipTensorNorm.
   */
  clipAdaptive: limit(),
  /**
   * Adds normal noise of the variance gradNoise / (1 + k)^gradNoiseDecay to every element of the gradient at update k (Neelakantan et al.
   * 2015), as optax's add_noise; after the clipping, which so has no say in it, and before any decay. What is added depends on the seed, the
   * parameter's name, the update and the element, and on nothing else.
   */
  gradNoise: nonNegative(0),
  gradNoiseDecay: nonNegative(0.55),
  gradNoiseSeed: fixed(whole(0)),
  /** false freezes the parameters: no update, no decay, no state, no part in a norm. */
  trainable: flag(true),
};

export type CommonOptions = typeof commonOptions;
