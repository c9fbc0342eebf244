import { readOptions } from "../../common/given.ts";
import { runMaybeAsync } from "../../common/maybe-async.ts";
import {
  check,
  resolve,
  type ScheduleFunction,
  show,
  valueAt,
  valueForStep,
  valueToRead,
} from "../../common/options.ts";
import { isArray, isFunction } from "../../common/realm.ts";
import { floatsOf, savedFloats } from "../../common/saved-json.ts";
import type { Dtype, FloatArray } from "../../common/types.ts";
import { bytesOf } from "../../engine/layout.ts";
import { fit, isStrict, type LoadOptions, type Misfits, otherArray } from "../../engine/load.ts";
import { headOf, objectOf, partOf, throwIf } from "../../engine/saved.ts";
import { lrOf, savedLr } from "../../engine/saved-lr.ts";
import type { BackendName } from "../../kernels/backend.ts";
import { type Arena, arenaFor } from "../../memory/arena.ts";
import { assign, assignGradient } from "../../memory/incoming.ts";
import { ParamGuard } from "../../memory/param-guard.ts";
import { checkElsewhere, checkLength, checkSources } from "../../memory/sources.ts";
import { type DtypeOf, dtypeOf, type Params, tensors, type Views, viewsOf } from "../../memory/tensors.ts";
import { Iterations } from "./iterations.ts";
import { type LbfgsOptions, type LbfgsStatus, NAME, type ResolvedLbfgs, table } from "./options.ts";
import { type Part, partsOf } from "./parts.ts";
import { loadState, misfitState, otherOrder, type SavedLbfgs, saveState, stateOf } from "./saved.ts";
import { lengthsOf, Vectors } from "./vectors.ts";

const LR = `${NAME}: lr`;

/**
 * L-BFGS (Nocedal 1980; Liu & Nocedal 1989): steps along the gradient times an approximation of the inverse Hessian, made of the last
 * `historySize` steps. For losses that are the same function at every call.
 *
 * Follows torch.optim.LBFGS: a step is up to `maxIter` iterations, the first of them along the gradient and no longer than lr in sum;
 * changes of the gradient with a curvature of 1e-10 or less are passed over. optax keeps 10, passes over none but 0, searches by zoom and
 * makes one iteration a step. There are no groups, no weight decay and no clipping: the closure's loss and gradient must belong together.
 *
 * Memory: 6 + 2 · historySize vectors as long as all parameters together, and 2 more for the line search: 824 bytes a parameter in f32 by
 * default.
 *
 * @param params a record or an array of shapes (zeros) or of typed arrays (whose values are copied in)
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function lbfgs<const P extends Params, D extends Dtype = DtypeOf<P>>(
  params: P,
  options: LbfgsOptions<D> = {},
): Lbfgs<P, D> {
  return new Lbfgs(params, options);
}

/** Parameters, gradients and history in one memory, and the step that updates them. Made by `lbfgs`. */
export class Lbfgs<P extends Params = Params, D extends Dtype = Dtype> {
  readonly name = NAME;
  /** Which backend runs; the results are the same bits on both. */
  readonly backend: BackendName;
  readonly dtype: D;
  readonly #params: Views<P, D>;
  readonly #grads: Views<P, D>;
  /** @internal */
  readonly weights: ParamGuard;

  readonly #options: ResolvedLbfgs;
  readonly #parts: readonly Part[];
  readonly #arena: Arena;
  readonly #start: number;
  readonly #bytes: number;
  readonly #vectors: Vectors;
  readonly #iterations: Iterations;
  /** In place of the option. */
  #lr: number | ScheduleFunction | undefined;

  /** @internal */
  constructor(params: P, options: LbfgsOptions<D>) {
    const given = readOptions(NAME, options, [...Object.keys(table), "dtype", "backend", "arena"]);
    const own = resolve(NAME, table, given);
    const isList = isArray(params);
    const list = tensors(NAME, params);
    const dtype = dtypeOf(NAME, list, given.dtype);
    if (own.inPlace) checkSources(NAME, list);
    valueAt(LR, table.lr, own.lr, 0);

    const length = list.reduce((sum, tensor) => sum + tensor.length, 0);
    const size = { length, pairs: own.historySize, searches: own.lineSearchFn === "strongWolfe" };
    const bytes = bytesOf(lengthsOf(size), dtype);
    const arena = arenaFor(NAME, { arena: given.arena, backend: given.backend }, bytes);
    // The lr has been asked since these were looked at.
    for (const tensor of list) checkLength(NAME, tensor);
    const { start, vectors } = arena.furnish(NAME, bytes, (start) => {
      checkElsewhere(NAME, list, arena.kernels.buffer, start, bytes);
      return { start, vectors: new Vectors(size, arena, start, dtype) };
    });
    const parts = partsOf(list, vectors);

    this.backend = arena.backend;
    this.dtype = dtype as D;
    this.weights = new ParamGuard(this, parts, own.inPlace);
    this.#params = viewsOf(
      isList,
      parts.map(({ name, p }) => [name, p]),
      (param, view, given) => assign(NAME, this.weights, `parameter ${param}`, view, given),
    );
    this.#grads = viewsOf(
      isList,
      parts.map(({ name, g }) => [name, g]),
      (param, view, given) => assignGradient(NAME, this.weights, param, view, given),
    );
    this.#options = own;
    this.#parts = parts;
    this.#arena = arena;
    this.#start = start;
    this.#bytes = bytes;
    this.#vectors = vectors;
    this.#iterations = new Iterations(vectors, parts, this.weights, own);
  }

  /**
   * The parameters: views that stay valid. While a step is under way they are those to evaluate. Numbers assigned to one are copied into it.
   */
  get params(): Views<P, D> {
    return this.#params;
  }

  set params(_: never) {
    throw new TypeError(`${NAME}: params cannot be replaced: assign to one, as params.w = [1, 2], or load()`);
  }

  /** Where the closure puts the gradients: views that stay valid, zeros at first. Numbers assigned to one are copied into it. */
  get grads(): Views<P, D> {
    return this.#grads;
  }

  set grads(_: never) {
    throw new TypeError(`${NAME}: grads cannot be replaced: assign to one, as grads.w = [1, 2]`);
  }

  /** Steps made so far; those left out do not count. A schedule is evaluated at it. */
  get stepCount(): number {
    return this.#iterations.stepCount;
  }

  /** Steps left out or cut short because a loss or a gradient was not finite, and shorter ways did not help. */
  get skipped(): number {
    return this.#iterations.skipped;
  }

  /** Why the last step ended; one that threw does not count. It decides nothing of the next and is not saved. */
  get status(): LbfgsStatus {
    return this.#iterations.status;
  }

  /** Iterations so far. */
  get nIter(): number {
    return this.#iterations.nIter;
  }

  /** Calls of the closure so far. */
  get funcEvals(): number {
    return this.#iterations.funcEvals;
  }

  /** The learning rate of the next step; NaN if a schedule has none for it. */
  get lr(): number {
    this.weights.refuse(NAME, "disposed");
    return this.weights.shut(() => valueToRead(LR, table.lr, this.#present, this.stepCount));
  }

  /**
   * From the next step on, a number or a schedule in place of the option `lr`; undefined gives back the option.
   *
   * @throws TypeError or RangeError as the option would, also for what a schedule gives for the next step; nothing has changed then
   */
  set lr(lr: number | ScheduleFunction | undefined) {
    this.weights.refuse(NAME, "disposed", "within");
    if (lr !== undefined) check(NAME, "lr", table.lr, lr);
    this.#valueOf(lr ?? this.#options.lr);
    this.#lr = lr;
  }

  /** What an lr is at the next step. */
  #valueOf(lr: number | ScheduleFunction): number {
    return this.weights.shut(() => valueForStep(LR, table.lr, lr, this.stepCount));
  }

  get #present(): number | ScheduleFunction {
    return this.#lr ?? this.#options.lr;
  }

  /**
   * Some iterations. The closure is called several times: it fills `grads` for `params` as they are, and returns the loss or promises to.
   *
   * With `onNonFinite` "skip", a loss or gradient that is not finite makes an iteration half as long, again and again, with a line search or
   * without; without, its loss is then not to be higher than before either. So it is for the first of a step where the step before has
   * ended without looking; any other first leaves out the step. torch does none of this: it goes on with NaN. What `status` says when all
   * has been in vain is "not finite", with the parameters that the iteration began with.
   *
   * @returns the closure's first loss: that of the parameters as they were
   * @throws what the closure throws, and Error if `onNonFinite` is "throw" and a loss or gradient is not finite, with the parameters that
   *   the iteration began with; Error if the optimizer is disposed, a step is under way, the parameters are averages or an array of `inPlace`
   *   is no longer what it was, with nothing changed
   */
  step(closure: () => Promise<number>): Promise<number>;
  step(closure: () => number): number;
  step(closure: () => unknown): unknown {
    this.weights.check(NAME);
    if (!isFunction(closure)) throw new TypeError(`${NAME}: step() needs a closure, got ${show(closure)}`);
    const lr = this.#valueOf(this.#present);
    this.weights.checkSources(NAME);
    return runMaybeAsync(this.#run(closure, lr));
  }

  *#run(closure: () => unknown, lr: number): Generator<unknown, number> {
    this.weights.state = "stepping";
    try {
      return yield* this.#iterations.step(closure, lr);
    } finally {
      this.weights.state = "training";
      this.weights.moved();
    }
  }

  /**
   * All that the next steps depend on but the options: parameters, history, counts, and what `lr` was set to. Copied: plain data that
   * structuredClone, postMessage and JSON.stringify take. An lr that is a function of yours cannot be saved; `load` then asks for it.
   */
  save(): SavedLbfgs {
    this.weights.check(NAME);
    const { dtype, stepCount, skipped } = this;
    const params = Object.fromEntries(this.#parts.map(({ name, p }) => [name, savedFloats(p)]));
    const state = saveState(this.#vectors, this.#iterations);
    return { optimizer: NAME, dtype, stepCount, skipped, lr: savedLr(this.#lr), params, state };
  }

  /**
   * Takes up what `save` of an optimizer of the same parameters gave, or what JSON made of it: the steps from here on are those it would
   * have made.
   *
   * @param options `strict`, default true: that everything must fit. If false, parameters that do not stay as they are, and the history
   *   begins anew unless all of it fits
   * @returns the names of the parameters that did not fit
   * @throws TypeError or RangeError if it does not fit, Error if `lr` was set to a function that has to be set first; nothing has changed then
   */
  load(saved: SavedLbfgs, options: LoadOptions = {}): Misfits {
    this.weights.check(NAME);
    this.weights.checkSources(NAME);
    const strict = isStrict(NAME, options);
    const { lr, skipped, stepCount, state, fitting, own, wrong, misfits } = this.weights.shut(() => {
      const given = objectOf(NAME, saved);
      const { dtype, stepCount, skipped } = headOf(NAME, { dtype: this.dtype, strict }, given);
      const lr = lrOf(NAME, table.lr, given.lr, this.#lr);
      const entries = Object.entries(partOf(NAME, "parameters", given.params));
      const params = new Map(entries.map(([name, x]) => [name, floatsOf(NAME, name, dtype, x)]));
      const own = new Map(this.#parts.map(({ name, p }) => [name, p]));
      const misfit = (name: string, x: FloatArray) => otherArray(NAME, name, x, own.get(name) ?? x);
      const { fitting, misfits } = fit(NAME, [...own.keys()], params, strict, misfit);
      const state = stateOf(dtype, given.state, strict ? this.#vectors.pairs.length : Infinity);
      const wrong = otherOrder([...own.keys()], [...params.keys()]) ?? misfitState(this.#vectors, state);
      if (strict) throwIf(wrong);
      return { lr, skipped, stepCount, state, fitting, own, wrong, misfits };
    });
    // What was read can have been functions, which may have taken an array away.
    this.weights.checkSources(NAME);
    for (const [name, x] of fitting) own.get(name)?.set(x);
    loadState(this.#vectors, this.#iterations, wrong || fitting.size < own.size ? undefined : state);
    Object.assign(this.#iterations, { stepCount, skipped });
    this.#lr = lr;
    this.weights.loads++;
    this.weights.moved();
    return misfits;
  }

  /** Sets all gradients to zero. */
  zeroGrad(): void {
    this.weights.refuse(NAME, "disposed", "within");
    this.#vectors.g.fill(0);
  }

  /**
   * Gives the memory back to the arena. The views go stale: what is written to them then may be another optimizer's. All methods that
   * read or write throw from then on.
   */
  dispose(): void {
    if (this.weights.close(NAME)) this.#arena.release(this.#start, this.#bytes);
  }
}
