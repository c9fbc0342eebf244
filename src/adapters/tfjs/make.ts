import { type Options, type OptionTable, type ScheduleFunction, show } from "../../common/options.ts";
import { isFunction, propertyOf } from "../../common/realm.ts";
import type { GroupOptions } from "../../engine/layout.ts";
import { type Factory, OptimizerDefinition } from "../../engine/optimizer.ts";
import type { CommonOptions, Spec } from "../../engine/spec.ts";
import type { stepperOptions } from "../../engine/stepper.ts";
import { decode } from "./config.ts";
import { classNameOf, readTfOptions, TfOptimizer } from "./optimizer.ts";
import type { Tf } from "./tf.ts";

type VariableOf<T extends Tf> = InstanceType<T["Variable"]>;
type TensorOf<T extends Tf> = InstanceType<T["Tensor"]>;

/** Called with every variable that a step has changed; what it returns, if it returns a tensor, is the variable's new value. */
type Project<T extends Tf> = (variable: VariableOf<T>) => TensorOf<T> | undefined;

/** An optimizer's own options and those that all have, but for where its memory is. */
export type TfjsOptions<T extends Tf, O extends OptionTable> = Options<O & CommonOptions & typeof stepperOptions> & {
  /** Which variables take other options, by their names: `dense_Dense1/kernel`. */
  readonly groups?: readonly GroupOptions<O>[] | undefined;
  /** For constraints; see `layerConstraints`. */
  readonly project?: Project<T> | undefined;
};

/** One of the library's optimizers: `adamw`. */
interface AnyFactory {
  readonly spec: Spec;
}

/** @throws TypeError unless `tf` is TensorFlow.js and `optimizer` one of this library */
function kindOf(caller: string, tf: Tf, optimizer: AnyFactory): OptimizerDefinition {
  if (!isFunction(propertyOf(tf, "engine")))
    throw new TypeError(`${caller}: tf must be TensorFlow.js, got ${show(tf)}`);
  const kind = propertyOf(optimizer, "kind");
  if (kind instanceof OptimizerDefinition) return kind;
  throw new TypeError(`${caller}: the optimizer must be one of this library's, got ${show(optimizer)}`);
}

/** `adamw`'s options for `adamw`. A conditional type, so that it is worked out before functions among the options get their parameters' types. */
type OptionsOf<T extends Tf, F> = F extends Factory<infer O, string> ? TfjsOptions<T, O> : never;

/** An optimizer of TensorFlow.js, and what it has beyond one. */
export type TfjsOptimizer<T extends Tf> = InstanceType<T["Optimizer"]> & {
  /**
   * The learning rate of the last step, or of the first before it. Setting it, to a number or a schedule, holds from the next step on;
   * undefined gives back the option.
   */
  get lr(): number;
  set lr(lr: number | ScheduleFunction | undefined);
  /** `lr` under TensorFlow.js's name. */
  get learningRate(): number;
  set learningRate(lr: number | ScheduleFunction | undefined);
  /** Steps left out because a gradient was not finite. */
  readonly skipped: number;
  /** Whether variables are updated in TensorFlow.js's own memory, without a copy; undefined before the first step. */
  readonly inPlace: boolean | undefined;
  /** A model that is loaded needs it set again before its first step, as a file holds no functions. */
  project: Project<T> | undefined;
  /** For schedule-free optimizers: turns the variables into the weights to evaluate with. */
  eval(): void;
  /** Turns them back into the weights to train. */
  train(): void;
};

/**
 * Makes an optimizer for `model.compile` and everything else of TensorFlow.js that takes one.
 *
 * On the wasm backend it works in TensorFlow.js's own memory, without a copy or a tensor; on the cpu backend it copies. Other backends keep
 * their tensors out of reach: the first step throws there.
 *
 * @param tf the namespace of TensorFlow.js
 * @param optimizer any of this library: `adamw`
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function tfOptimizer<T extends Tf, F extends AnyFactory>(
  tf: T,
  optimizer: F,
  options: OptionsOf<T, F> = {} as OptionsOf<T, F>,
): TfjsOptimizer<T> {
  return new TfOptimizer(tf, kindOf("tfOptimizer", tf, optimizer), options) as unknown as TfjsOptimizer<T>;
}

/**
 * Makes the optimizer known to `tf.loadLayersModel`, for models saved with `includeOptimizer`.
 *
 * @param options take the place of saved ones; those that have a function in them, other than a schedule of this library, have to be given
 *   as no file holds them
 */
export function registerOptimizer<T extends Tf, F extends AnyFactory>(
  tf: T,
  optimizer: F,
  options: OptionsOf<T, F> = {} as OptionsOf<T, F>,
): void {
  const kind = kindOf("registerOptimizer", tf, optimizer);
  const { name } = kind.spec;
  if (!isFunction(propertyOf(tf.serialization, "registerClass")))
    throw new TypeError(`registerOptimizer: tf must have serialization.registerClass, got ${show(tf.serialization)}`);
  const given = readTfOptions(kind, options);
  const fromConfig = (
    _: unknown,
    config: { readonly options: string; readonly lr: string; readonly project: boolean },
  ) => {
    const made = new TfOptimizer(tf, kind, decode(name, config.options, given), config.project);
    const set = decode(name, config.lr, given.lr !== undefined ? { lr: given.lr } : {});
    made.lr = set.lr as number | ScheduleFunction | undefined;
    return made;
  };
  tf.serialization.registerClass({ className: classNameOf(name), fromConfig } as never);
}
