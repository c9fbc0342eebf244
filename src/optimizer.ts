import { type Arena, arenaFor } from "./arena.ts";
import type { BackendChoice, BackendName, Dtype } from "./backend.ts";
import { Descent, descentOptions } from "./descent.ts";
import { readOptions } from "./given.ts";
import { Group, type Member, Records } from "./group.ts";
import { HyperTable } from "./hypers.ts";
import { blockOf, type GroupOptions, place, plan } from "./layout.ts";
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
import { checkHead, checkTensors, loadTensors, type Saved, saveTensors } from "./saved.ts";
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

/** Gradients under the parameters' keys. */
export type Gradients<P extends Params> = { readonly [K in keyof P]: ArrayLike<number> };

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
  readonly groups: readonly Group[];
  /** @internal */
  readonly weights: Weights;
  readonly #tensors: readonly Tensor[];
  readonly #places: ReadonlyMap<string, TensorPlace>;
  /** The groups that are not frozen. */
  readonly #trained: readonly Group[];
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
    const shared = records.carry();
    const groups = plans.map((plan, i) => {
      const carry = spec.survey ? shared : records.carry();
      return new Group(spec, records, plan, places[i], carry, arena.kernels, dtype);
    });
    const tensorPlaces = groups.flatMap((group) =>
      group.members.map((member) => [member.name, { member, group }] as const),
    );
    this.#places = new Map(tensorPlaces);
    for (const { name, source } of list) if (source) this.#placeOf(name).member.p.set(source);

    this.name = name;
    this.dtype = dtype as D;
    this.backend = arena.backend;
    this.params = viewsOf(params as P, list, (name) => this.#placeOf(name).member.p);
    this.grads = viewsOf(params as P, list, (name) => this.#placeOf(name).member.g);
    this.#tensors = list;
    this.groups = groups;
    this.#trained = groups.filter(({ trainable }) => trainable);
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
   * What `lr` was last set to.
   * @internal
   */
  get lrInstead(): number | ScheduleFunction | undefined {
    return this.#descent.lr;
  }

  /**
   * A numeric option as the last step used it (or would have, if it threw), or as the first will.
   *
   * @param param a parameter, for the value in its group; by default the optimizer's own value
   */
  hyper(name: H, param?: Key<P>): number {
    if (typeof name !== "string")
      throw new TypeError(`${this.name}: an option's name must be a string, got ${show(name)}`);
    const value = param === undefined ? this.#descent.hyper(name) : this.#placeOf(param).group.hypers.get(name);
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
    return this.#placeOf(param).group.numbers() as Readonly<Record<K, number>>;
  }

  /**
   * Updates the parameters.
   *
   * @param grads gradients to copy into `grads` first, one under every key; without them `grads` is taken as it is
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
    const turned = this.#trained.map((group) => group.turn(to));
    if (!turned.includes(true)) return;
    weights.state = to === "eval" ? "evaluating" : "training";
    weights.moved();
  }

  /** All that the next steps depend on but the options: parameters, state and counts, copied. */
  save(): Saved {
    this.weights.check(this.name, "evaluating");
    const { name, dtype, stepCount, skipped } = this;
    const evaluating = this.weights.state === "evaluating";
    return { optimizer: name, dtype, stepCount, skipped, evaluating, tensors: saveTensors(this.groups) };
  }

  /**
   * Takes up what `save` of an optimizer of the same kind and parameters gave: the steps from here on are those it would have made.
   *
   * @throws TypeError or RangeError if it does not fit; nothing has changed then
   */
  load(saved: Saved): void {
    this.weights.check(this.name, "evaluating");
    checkHead(this.name, this.dtype, saved);
    const { stepCount, skipped, evaluating, tensors } = saved;
    checkTensors(this.name, this.groups, tensors);
    this.#descent.resolve(stepCount);
    loadTensors(this.groups, tensors);
    Object.assign(this.#descent, { stepCount, skipped });
    for (const group of this.groups) group.steps = stepCount;
    this.weights.state = evaluating === true ? "evaluating" : "training";
    this.weights.moved();
  }

  /** Sets all gradients to zero. */
  zeroGrad(): void {
    this.weights.live(this.name);
    for (let i = 0; i < this.groups.length; i++) this.groups[i].g.fill(0);
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
    const given = grads as unknown as Readonly<Record<string, ArrayLike<number>>>;
    for (const key of Object.keys(given))
      if (!this.#places.has(key))
        throw new TypeError(`${this.name}: a gradient came for ${key}, which is no parameter`);
    for (const { name, length } of this.#tensors) {
      const grad = given[name];
      if (typeof grad !== "object" || typeof grad?.length !== "number" || typeof (grad[0] ?? 0) !== "number")
        throw new TypeError(`${this.name}: the gradient of ${name} must be an array of numbers, got ${show(grad)}`);
      if (grad.length !== length)
        throw new RangeError(`${this.name}: the gradient of ${name} must have ${length} elements, got ${grad.length}`);
    }
    for (const { name } of this.#tensors) this.#placeOf(name).member.g.set(given[name]);
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
  readonly group: Group;
}
