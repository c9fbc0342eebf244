import { type Arena, arenaFor } from "./arena.ts";
import type { BackendChoice, BackendName, Dtype } from "./backend.ts";
import { Descent, descentOptions } from "./descent.ts";
import { readOptions } from "./given.ts";
import { checkTurn, type Group, type Member, Records } from "./group.ts";
import { HyperTable } from "./hypers.ts";
import { blockOf, type GroupOptions, place, plan } from "./layout.ts";
import { evaluatingOf, fitTensors, isStrict, type LoadOptions, type Misfits } from "./load.ts";
import {
  flag,
  type HyperName,
  type Options,
  type OptionTable,
  resolve,
  type ScheduleFunction,
  show,
} from "./options.ts";
import {
  checkSources,
  type DtypeOf,
  dtypeOf,
  type Key,
  type Params,
  type Shape,
  type Tensor,
  tensors,
  type View,
  type Views,
  viewsOf,
} from "./params.ts";
import { Runs } from "./runs.ts";
import { loadedOf, type Saved } from "./saved.ts";
import { savedLr } from "./saved-lr.ts";
import { showName } from "./show.ts";
import type { CommonOptions, Spec } from "./spec.ts";
import { Weights } from "./weights.ts";

/** Options of the optimizer as a whole, which no group can override. */
const wholeOptions = {
  ...descentOptions,
  /** Copies the parameters back into the typed arrays given whenever they have changed: one more pass over them. */
  inPlace: flag(false),
};

interface Setting<O extends OptionTable, D extends Dtype> {
  readonly groups?: readonly GroupOptions<O>[] | undefined;
  /** Shapes of parameters given as typed arrays, under their keys; without one each is a vector. */
  readonly shapes?: Readonly<Record<string, Shape>> | readonly (Shape | undefined)[] | undefined;
  /** Default: f64 if the parameters hold a Float64Array, else f32. */
  readonly dtype?: D | undefined;
  /** Default "auto". Not together with `arena`, which has its own. */
  readonly backend?: BackendChoice | undefined;
  /** Where to live; by default in a memory of its own. */
  readonly arena?: Arena | undefined;
}

export type OptimizerOptions<O extends OptionTable, D extends Dtype = Dtype> = Options<
  O & CommonOptions & typeof wholeOptions
> &
  Setting<O, D>;

/** Gradients under the parameters' keys; undefined for a frozen parameter, which needs none. */
export type Gradients<P extends Params> = { readonly [K in keyof P]: ArrayLike<number> | undefined };

/** Makes optimizers of one kind: `adam(params, options)`. */
export interface Factory<O extends OptionTable, S extends string, K extends string = string> {
  /**
   * @param params a record or an array of shapes (zeros) or of typed arrays (whose values are copied in)
   * @throws TypeError or RangeError that names the option, what was expected and what came
   */
  <const P extends Params, D extends Dtype = DtypeOf<P>>(
    params: P,
    options?: OptimizerOptions<O, D>,
  ): Optimizer<P, D, HyperName<O & CommonOptions>, S, K>;
  readonly spec: Spec;
  /** @internal */
  readonly kind: Kind;
}

/** Turns a spec into the function that makes optimizers of it. */
export function optimizer<
  const O extends OptionTable,
  const S extends string,
  const C extends string,
  const K extends string = never,
  const M extends string = never,
  const U extends string = never,
>(spec: Spec<O, S, C, K, M, U>): Factory<O, S, K> {
  const kind = new Kind(spec as unknown as Spec);
  const make = (params: Params, options = {}) => new Optimizer(kind, params, options);
  return Object.assign(make, { spec: kind.spec, kind }) as unknown as Factory<O, S, K>;
}

/** A spec and what follows from it once. */
export class Kind {
  readonly spec: Spec;
  readonly hypers: HyperTable;
  readonly records: Records;

  constructor(spec: Spec) {
    this.spec = spec;
    this.hypers = new HyperTable(spec);
    this.records = new Records(spec);
  }
}

/** Parameters, gradients and state in one memory, and the step that updates them. Made by `sgd`, `adam` and their like. */
export class Optimizer<
  P extends Params = Params,
  D extends Dtype = Dtype,
  H extends string = string,
  S extends string = string,
  K extends string = string,
> {
  readonly name: string;
  /** Which backend runs; the results are the same bits on both. */
  readonly backend: BackendName;
  readonly dtype: D;
  /** The parameters: views that every step updates in place and that stay valid. */
  readonly params: Views<P, D>;
  /** Where the gradients go before a step: views that stay valid, zeros at first. */
  readonly grads: Views<P, D>;

  /** @internal */
  readonly weights: Weights;
  readonly #spec: Spec;
  readonly #runs: readonly Runs[];
  #groups: readonly Group[];
  readonly #tensors: readonly Tensor[];
  readonly #places: ReadonlyMap<string, TensorPlace>;
  /** The groups that are not frozen. */
  #trained: readonly Group[];
  readonly #descent: Descent;
  readonly #arena: Arena;
  readonly #start: number;
  readonly #bytes: number;

  /** @internal */
  constructor({ spec, hypers, records }: Kind, params: Params, options: Readonly<Record<string, unknown>>) {
    const { name } = spec;
    const { options: table } = hypers;
    const given = readOptions(name, options, [
      ...Object.keys(table),
      ...Object.keys(wholeOptions),
      "groups",
      "shapes",
      "dtype",
      "backend",
      "arena",
    ]);
    const whole = resolve(name, wholeOptions, given);
    const { clipNorm, inPlace } = whole;
    const list = tensors(name, params, given.shapes);
    const dtype = dtypeOf(name, list, given.dtype);
    if (inPlace) checkSources(name, list);
    const { plans, hypers: sets } = plan(spec, hypers, list, given, dtype, clipNorm !== Infinity);
    this.#descent = new Descent(spec, records, sets, whole);

    const block = blockOf(plans, dtype);
    const arena = arenaFor(name, { arena: given.arena, backend: given.backend }, block.bytes);
    const start = arena.allocate(name, block.bytes);
    const places = place(spec, plans, block, arena.kernels.buffer, start, dtype);
    const carry = spec.survey && records.carry();
    const workshop = { spec, records, backend: arena.kernels, dtype, carry };
    const runs = plans.map((plan, i) => new Runs(workshop, plan, places[i]));
    const tensorPlaces = runs.flatMap((runs) =>
      runs.whole.members.map((member) => [member.name, { member, runs }] as const),
    );
    this.#places = new Map(tensorPlaces);
    for (const { name, source } of list) if (source) this.#placeOf(name).member.p.set(source);

    this.name = name;
    this.dtype = dtype as D;
    this.backend = arena.backend;
    this.params = viewsOf(params as P, list, (name) => this.#placeOf(name).member.p);
    this.grads = viewsOf(params as P, list, (name) => this.#placeOf(name).member.g);
    this.#tensors = list;
    this.#spec = spec;
    this.#runs = runs;
    this.#groups = runs.flatMap(({ groups }) => groups);
    this.#trained = this.#groups.filter(({ trainable }) => trainable);
    this.#arena = arena;
    this.#start = start;
    this.#bytes = block.bytes;
    const parts = list.map((tensor) => ({ ...tensor, p: this.#placeOf(tensor.name).member.p }));
    this.weights = new Weights(this, parts, inPlace);
  }

  /**
   * Whether it is one and no proxy of one, which has none of its private fields.
   * @internal
   */
  static is(value: unknown): value is Optimizer {
    return typeof value === "object" && value !== null && #descent in value;
  }

  /** Updates made so far; skipped ones do not count. Schedules are evaluated at it. */
  get stepCount(): number {
    return this.#descent.stepCount;
  }

  /** Steps left out because a gradient was not finite. */
  get skipped(): number {
    return this.#descent.skipped;
  }

  /** The learning rate of the last step, or of the first before it; groups may have others. */
  get lr(): number {
    return this.hyper("lr" as H);
  }

  /**
   * From the next step on, a number or a schedule in place of the option `lr`; undefined gives back the option. Groups with an lr of their
   * own keep it.
   *
   * @throws TypeError or RangeError as the option would
   */
  set lr(lr: number | ScheduleFunction | undefined) {
    this.#descent.setLr(lr);
  }

  /**
   * Those whose members have made the same updates.
   * @internal
   */
  get groups(): readonly Group[] {
    return this.#groups;
  }

  /**
   * A numeric option as the last step used it (or would have, if it threw), or as the first will.
   *
   * @param param a parameter, for the value in its group; by default the optimizer's own value
   */
  hyper(name: H, param?: Key<P>): number {
    if (typeof name !== "string")
      throw new TypeError(`${this.name}: an option's name must be a string, got ${show(name)}`);
    const value = param === undefined ? this.#descent.hyper(name) : this.#placeOf(param).runs.whole.hypers.get(name);
    if (value === undefined) throw new TypeError(`${this.name}: there is no numeric option ${showName(name)}`);
    return value;
  }

  /** A parameter's state: views under PyTorch's names. */
  state(param: Key<P>): Readonly<Record<S, View<D>>> {
    return this.#placeOf(param).member.state as Readonly<Record<S, View<D>>>;
  }

  /**
   * The numbers that a parameter's group carries from step to step: `d` of `prodigy`, say. Zeros before the first step; where they are of
   * all parameters together, they are the same for each. A copy.
   */
  carried(param: Key<P>): Readonly<Record<K, number>> {
    return this.#placeOf(param).runs.groupOf(String(param)).numbers() as Readonly<Record<K, number>>;
  }

  /**
   * Updates the parameters.
   *
   * @param grads gradients to copy into `grads` first, one under every key but those of frozen parameters; without them `grads` is taken as it is
   * @throws RangeError if a schedule gives a value out of its option's range, Error if `onNonFinite` is "throw" and a gradient
   *   is not finite, the parameters are not the weights to train or the optimizer is disposed; in each case nothing has changed but `grads`
   */
  step(grads?: Gradients<P>): void {
    this.weights.check(this.name);
    if (grads !== undefined) this.#copyIn(grads);
    this.#descent.step(this.#trained, this.#arena.kernels);
    this.weights.moved();
  }

  /**
   * Goes `rho` along the gradients of what is not frozen, against the direction of a step.
   * @internal
   */
  climb(rho: number): void {
    this.#descent.climb(this.#trained, this.#arena.kernels, rho);
    this.weights.moved();
  }

  /** Turns `params` into the weights to evaluate with. They are others only for schedule-free optimizers, which cannot step with them. */
  eval(): void {
    this.#turn("eval");
  }

  /** Turns `params` back into the weights to train. */
  train(): void {
    this.#turn("train");
  }

  #turn(to: "eval" | "train"): void {
    const { weights } = this;
    weights.check(this.name, "evaluating");
    if ((weights.state === "evaluating") === (to === "eval")) return;
    const turning = this.#trained.filter(({ turns }) => turns);
    if (turning.length === 0) return;
    // As they were at the last update: a step that was left out has evaluated them since.
    this.#descent.recall();
    checkTurn(this.name, turning, to, this.stepCount);
    for (const group of turning) group.turn(to);
    weights.state = to === "eval" ? "evaluating" : "training";
    weights.moved();
  }

  /**
   * All that the next steps depend on but the options: parameters, state, counts, and what `lr` was set to. Copied: plain data that
   * structuredClone, postMessage and JSON.stringify take, wherever in other data it is. An lr that is a function of yours cannot be saved;
   * `load` then asks for it.
   */
  save(): Saved {
    this.weights.check(this.name, "evaluating");
    const { name, dtype, stepCount, skipped } = this;
    const evaluating = this.weights.state === "evaluating";
    const lr = savedLr(this.#descent.lr);
    const tensors = Object.fromEntries(this.#runs.flatMap((runs) => runs.save()));
    return { optimizer: name, dtype, stepCount, skipped, evaluating, lr, tensors };
  }

  /**
   * Takes up what `save` of an optimizer of the same kind and parameters gave, or what JSON made of it: the steps from here on are those it
   * would have made. What was frozen then and is trained now has no state and begins at its start; the state of what is frozen now is kept
   * for the next `save`. A schedule that has no value at `stepCount` is heard of at the next step, and reads as NaN before it.
   *
   * @param options `strict`, default true: that every parameter must fit. If false, what does not stays as it is, with its state at its start
   * @returns the names of what did not fit
   * @throws TypeError or RangeError if it does not fit, Error if `lr` was set to a function that has to be set first; nothing has changed then
   */
  load(saved: Saved, options: LoadOptions = {}): Misfits {
    const { name, dtype, weights } = this;
    weights.check(name, "evaluating");
    const strict = isStrict(name, options);
    const loaded = loadedOf(name, { dtype, strict }, saved);
    const lr = this.#descent.lrFrom(loaded.lr);
    const found = fitTensors(this.#spec, this.#runs, loaded.tensors, strict);
    const evaluating = evaluatingOf(this.#spec, this.#runs, found, loaded, strict);
    // What was read can have been functions, which may have done anything.
    weights.check(name, "evaluating");
    for (const runs of this.#runs) runs.load(found.fitting);
    this.#groups = this.#runs.flatMap(({ groups }) => groups);
    this.#trained = this.#groups.filter(({ trainable }) => trainable);
    this.#descent.restore({ ...loaded, lr });
    weights.state = evaluating ? "evaluating" : "training";
    weights.loads++;
    weights.moved();
    return found.misfits;
  }

  /**
   * What puts all that `save` holds back to the bit, and whatever `lr` was set to, as if nothing had happened.
   * @internal
   */
  checkpoint(): () => void {
    const { weights } = this;
    const saved = this.save();
    const { lr } = this.#descent;
    const { loads } = weights;
    return () => {
      this.load({ ...saved, lr: null });
      this.#descent.restore({ ...saved, lr });
      weights.loads = loads;
    };
  }

  /** Sets all gradients to zero. */
  zeroGrad(): void {
    this.weights.live(this.name);
    for (let i = 0; i < this.#runs.length; i++) this.#runs[i].whole.g.fill(0);
  }

  /**
   * Gives the memory back to the arena. The views go stale: what is written to them then may be another optimizer's. All methods that
   * would write throw from then on.
   */
  dispose(): void {
    if (this.weights.close(this.name)) this.#arena.release(this.#start, this.#bytes);
  }

  #copyIn(grads: Gradients<P>): void {
    if (typeof grads !== "object" || grads === null)
      throw new TypeError(`${this.name}: gradients must be a record or an array, got ${show(grads)}`);
    const given = grads as unknown as Readonly<Record<string, ArrayLike<number> | undefined>>;
    for (const key of Object.keys(given))
      if (!this.#places.has(key))
        throw new TypeError(`${this.name}: a gradient came for ${key}, which is no parameter`);
    for (const { name, length } of this.#tensors) {
      const grad = given[name];
      if (grad === undefined && !this.#placeOf(name).runs.whole.trainable) continue;
      if (typeof grad !== "object" || typeof grad?.length !== "number" || typeof (grad[0] ?? 0) !== "number")
        throw new TypeError(`${this.name}: the gradient of ${name} must be an array of numbers, got ${show(grad)}`);
      if (grad.length !== length)
        throw new RangeError(`${this.name}: the gradient of ${name} must have ${length} elements, got ${grad.length}`);
    }
    for (const { name } of this.#tensors) {
      const grad = given[name];
      if (grad) this.#placeOf(name).member.g.set(grad);
    }
  }

  #placeOf(param: PropertyKey): TensorPlace {
    const place = typeof param === "string" || typeof param === "number" ? this.#places.get(String(param)) : undefined;
    if (!place)
      throw new TypeError(
        `${this.name}: there is no parameter ${typeof param === "string" ? showName(param) : show(param)}`,
      );
    return place;
  }
}

interface TensorPlace {
  readonly member: Member;
  readonly runs: Runs;
}
