import { readOptions } from "../common/given.ts";
import {
  flag,
  type HyperName,
  type Options,
  type OptionTable,
  resolve,
  type ScheduleFunction,
} from "../common/options.ts";
import { isArray } from "../common/realm.ts";
import { show, showName } from "../common/show.ts";
import type { Dtype, Shape } from "../common/types.ts";
import type { BackendChoice, BackendName } from "../kernels/backend.ts";
import { type Arena, arenaFor } from "../memory/arena.ts";
import { assign, assignGradient, Incoming, Inlet } from "../memory/incoming.ts";
import { ParamGuard } from "../memory/param-guard.ts";
import { checkElsewhere, checkLength, checkSources } from "../memory/sources.ts";
import {
  assignable,
  type DtypeOf,
  dtypeOf,
  type Key,
  type Params,
  tensors,
  type View,
  type Views,
  viewsOf,
} from "../memory/tensors.ts";
import { checkTurn, type Group, type Member, ScalarClasses } from "./group.ts";
import { HyperparameterTable } from "./hyperparameters.ts";
import { allocate, blockOf, type GroupOptions, plan } from "./layout.ts";
import { evaluatingOf, fitTensors, isStrict, type LoadOptions, type Misfits } from "./load.ts";
import { Runs } from "./runs.ts";
import { loadedOf, type Saved } from "./saved.ts";
import { savedLr } from "./saved-lr.ts";
import type { CommonOptions, Spec } from "./spec.ts";
import { Stepper, stepperOptions } from "./stepper.ts";

/** Options of the optimizer as a whole, which no group can override. */
const wholeOptions = {
  ...stepperOptions,
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
  readonly kind: OptimizerDefinition;
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
  const kind = new OptimizerDefinition(spec as unknown as Spec);
  const make = (params: Params, options = {}) => new Optimizer(kind, params, options);
  return Object.assign(make, { spec: kind.spec, kind }) as unknown as Factory<O, S, K>;
}

/** A spec and what follows from it once. */
export class OptimizerDefinition {
  readonly spec: Spec;
  readonly hypers: HyperparameterTable;
  readonly records: ScalarClasses;

  constructor(spec: Spec) {
    this.spec = spec;
    this.hypers = new HyperparameterTable(spec);
    this.records = new ScalarClasses(spec);
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
  readonly #params: Views<P, D>;
  readonly #grads: Views<P, D>;

  /** @internal */
  readonly weights: ParamGuard;
  readonly #spec: Spec;
  readonly #runs: readonly Runs[];
  #groups: readonly Group[];
  readonly #places: ReadonlyMap<string, TensorPlace>;
  /** The groups that are not frozen. */
  #trained: readonly Group[];
  readonly #descent: Stepper;
  readonly #incoming: Incoming;
  readonly #arena: Arena;
  readonly #start: number;
  readonly #bytes: number;

  /** @internal */
  constructor(
    { spec, hypers, records }: OptimizerDefinition,
    params: Params,
    options: Readonly<Record<string, unknown>>,
  ) {
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
    const isList = isArray(params);
    const list = tensors(name, params, given.shapes);
    const dtype = dtypeOf(name, list, given.dtype);
    if (inPlace) checkSources(name, list);
    const { plans, hypers: sets } = plan(spec, hypers, list, given, dtype, clipNorm !== Infinity);
    this.#descent = new Stepper(spec, records, sets, whole);

    const block = blockOf(plans, dtype);
    const arena = arenaFor(name, { arena: given.arena, backend: given.backend }, block.bytes);
    // Functions of the caller's have run since these were looked at.
    for (const tensor of list) checkLength(name, tensor);
    const { kernels } = arena;
    const furnish = (start: number) => {
      checkElsewhere(name, list, kernels.buffer, start, block.bytes);
      const places = allocate(spec, plans, block, kernels.buffer, start, dtype);
      const workshop = { spec, records, backend: kernels, dtype, carry: spec.globalStats && records.carry() };
      return { start, runs: plans.map((plan, i) => new Runs(workshop, plan, places[i])) };
    };
    const { start, runs } = arena.furnish(name, block.bytes, furnish);

    this.#places = new Map(
      runs.flatMap((runs) => runs.whole.members.map((member) => [member.name, { member, runs }] as const)),
    );
    const parts = list.map((tensor) => ({ ...tensor, ...this.#placeOf(tensor.name).member }));
    for (const { p, source } of parts) if (source && p.length > 0) p.set(source);
    this.name = name;
    this.dtype = dtype as D;
    this.backend = arena.backend;
    const inlets = new Map(
      parts.map((part) => [part.name, new Inlet(`${name}: the gradient of ${part.name}`, part.g)]),
    );
    const frozen = (param: string) => !this.#placeOf(param).runs.whole.trainable;
    this.#incoming = new Incoming(name, inlets, frozen);
    this.weights = new ParamGuard(this, parts, inPlace);
    this.#params = viewsOf(
      isList,
      parts.map(({ name, p }) => [name, p]),
      (param, view, given) => assign(name, this.weights, `parameter ${param}`, view, given),
    );
    this.#grads = viewsOf(
      isList,
      parts.map(({ name, g }) => [name, g]),
      (param, view, given) => assignGradient(name, this.weights, param, view, given),
    );
    this.#spec = spec;
    this.#runs = runs;
    this.#groups = runs.flatMap(({ groups }) => groups);
    this.#trained = this.#groups.filter(({ trainable }) => trainable);
    this.#arena = arena;
    this.#start = start;
    this.#bytes = block.bytes;
  }

  /**
   * Whether it is one and no proxy of one, which has none of its private fields.
   * @internal
   */
  static is(value: unknown): value is Optimizer {
    return typeof value === "object" && value !== null && #descent in value;
  }

  /** The parameters: views that every step updates in place and that stay valid. Numbers assigned to one are copied into it. */
  get params(): Views<P, D> {
    return this.#params;
  }

  set params(_: never) {
    throw new TypeError(`${this.name}: params cannot be replaced: assign to one, as params.w = [1, 2], or load()`);
  }

  /** Where the gradients go before a step: views that stay valid, zeros at first. Numbers assigned to one are copied into it. */
  get grads(): Views<P, D> {
    return this.#grads;
  }

  set grads(_: never) {
    throw new TypeError(`${this.name}: grads cannot be replaced: assign to one, as grads.w = [1, 2], or step(grads)`);
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
   * own keep it. What is then read is the lr of the next step.
   *
   * @throws TypeError or RangeError as the option would, also for what a schedule gives for the next step; nothing has changed then
   */
  set lr(lr: number | ScheduleFunction | undefined) {
    this.weights.refuse(this.name, "disposed", "within", "testing");
    this.weights.shut(() => this.#descent.setLr(lr));
  }

  /**
   * Those whose members have made the same updates.
   * @internal
   */
  get groups(): readonly Group[] {
    return this.#groups;
  }

  /**
   * A numeric option as the last step used it, or as the first will.
   *
   * @param param a parameter, for the value in its group; by default the optimizer's own value
   */
  hyper(name: H, param?: Key<P>): number {
    this.weights.refuse(this.name, "disposed");
    if (typeof name !== "string")
      throw new TypeError(`${this.name}: an option's name must be a string, got ${show(name)}`);
    const value = param === undefined ? this.#descent.hyper(name) : this.#placeOf(param).runs.whole.hypers.get(name);
    if (value === undefined) throw new TypeError(`${this.name}: there is no numeric option ${showName(name)}`);
    return value;
  }

  /** A parameter's state: views under PyTorch's names. Numbers assigned to one are copied into it. */
  state(param: Key<P>): Record<S, View<D>> {
    this.weights.refuse(this.name, "disposed");
    const { name, state } = this.#placeOf(param).member;
    return assignable(Object.entries(state), (slot, view, given) =>
      assign(this.name, this.weights, `${slot} of ${name}`, view, given),
    ) as Record<S, View<D>>;
  }

  /**
   * The numbers that a parameter's group carries from step to step: `d` of `prodigy`, say. Zeros before the first step; where they are of
   * all parameters together, they are the same for each. A copy.
   */
  carried(param: Key<P>): Readonly<Record<K, number>> {
    this.weights.refuse(this.name, "disposed");
    return this.#placeOf(param).runs.groupOf(String(param)).numbers() as Readonly<Record<K, number>>;
  }

  /**
   * Updates the parameters.
   *
   * @param grads gradients to copy into `grads` first, one under every key but those of frozen parameters; without them `grads` is taken as it is
   * @throws TypeError or RangeError if these are no such gradients or a schedule gives what its option does not take; Error if the
   *   parameters are not the weights to train, an array of `inPlace` is no longer what it was, a step is under way or the optimizer is
   *   disposed; nothing has changed then. Error if `onNonFinite` is "throw" and a gradient is not finite: nothing has changed but `grads`
   */
  step(grads?: Gradients<P>): void {
    const { weights } = this;
    weights.check(this.name);
    weights.state = "within";
    try {
      if (grads !== undefined) this.#incoming.take(grads);
      this.#descent.evaluate();
    } finally {
      weights.state = "training";
    }
    weights.checkSources(this.name);
    if (grads !== undefined) this.#incoming.pour();
    this.#descent.step(this.#trained, this.#arena.kernels);
    weights.moved();
  }

  /**
   * Goes `rho` along the gradients of what is not frozen, against the direction of a step.
   * @internal
   */
  climb(rho: number): void {
    this.weights.shut(() => this.#descent.evaluate());
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
    weights.checkSources(this.name);
    // As they were at the last update: a step that was left out has evaluated them since.
    weights.shut(() => this.#descent.recall());
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
    weights.checkSources(name);
    const strict = isStrict(name, options);
    // What is read can be functions of the caller's.
    const { loaded, lr, found, evaluating } = weights.shut(() => {
      const loaded = loadedOf(name, { dtype, strict }, saved);
      const lr = this.#descent.lrFrom(loaded.lr);
      const found = fitTensors(this.#spec, this.#runs, loaded.tensors, strict);
      const evaluating = evaluatingOf(this.#spec, this.#runs, found, loaded, strict);
      return { loaded, lr, found, evaluating };
    });
    weights.checkSources(name);
    for (const runs of this.#runs) runs.load(found.fitting);
    this.#groups = this.#runs.flatMap(({ groups }) => groups);
    this.#trained = this.#groups.filter(({ trainable }) => trainable);
    weights.shut(() => this.#descent.restore({ ...loaded, lr }));
    weights.state = evaluating ? "evaluating" : "training";
    weights.loads++;
    weights.moved();
    return found.misfits;
  }

  /**
   * What puts all that `save` holds back to the bit, and what `lr` was set to, as if nothing had happened: it asks no schedule.
   * @internal
   */
  checkpoint(): () => void {
    const { name, dtype, weights } = this;
    const loaded = loadedOf(name, { dtype, strict: true }, this.save());
    const back = this.#descent.keep();
    return () => {
      const { fitting } = fitTensors(this.#spec, this.#runs, loaded.tensors, true);
      for (const runs of this.#runs) runs.load(fitting);
      this.#groups = this.#runs.flatMap(({ groups }) => groups);
      this.#trained = this.#groups.filter(({ trainable }) => trainable);
      back();
      weights.moved();
    };
  }

  /** Sets all gradients to zero. */
  zeroGrad(): void {
    this.weights.refuse(this.name, "disposed", "within");
    for (let i = 0; i < this.#runs.length; i++) this.#runs[i].whole.g.fill(0);
  }

  /**
   * Gives the memory back to the arena. The views go stale: what is written to them then may be another optimizer's. All methods that
   * read or write throw from then on.
   */
  dispose(): void {
    if (this.weights.close(this.name)) this.#arena.release(this.#start, this.#bytes);
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
