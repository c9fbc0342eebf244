import { Arena, checkBackend, MOST } from "./arena.ts";
import type { BackendChoice, BackendName, Dtype, FloatArray } from "./backend.ts";
import { Group, Records } from "./group.ts";
import { type Hypers, HyperTable } from "./hypers.ts";
import { bytesOf, type GroupOptions, place, plan } from "./layout.ts";
import {
  checkKeys,
  choice,
  flag,
  type HyperName,
  limit,
  type Options,
  type OptionTable,
  resolve,
  type ScheduleFunction,
  show,
} from "./options.ts";
import { type DtypeOf, dtypeOf, type Params, type Tensor, tensors, type View, type Views, viewsOf } from "./params.ts";
import type { CommonOptions, Spec } from "./spec.ts";

/** Options of the optimizer as a whole, which no group can override. */
const wholeOptions = {
  /**
   * Multiplies all gradients by min(1, clipNorm / ‖g‖), the norm taken over all groups, as optax; torch adds 1e-6 to the norm. It is taken
   * in f64: where squares overflow that (f64 gradients beyond 1e154) it counts as not finite.
   */
  clipNorm: limit(),
  /**
   * When a gradient is not finite: leave everything as it is and count it in `skipped`, throw, or go on. What is looked at is the gradient
   * as it is given: a gradScale or lr can still be so large that what it makes of a finite one is not.
   */
  onNonFinite: choice("skip", "throw", "ignore"),
  /** Copies results back into the typed arrays given as parameters: one more pass over them. */
  inPlace: flag(false),
};

interface Setting<O extends OptionTable, D extends Dtype> {
  readonly groups?: readonly GroupOptions<O>[] | undefined;
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
export interface Factory<O extends OptionTable, S extends string> {
  /**
   * @param params a record or an array of shapes (zeros) or of typed arrays (whose values are copied in)
   * @throws TypeError or RangeError that names the option, what was expected and what came
   */
  <const P extends Params, D extends Dtype = DtypeOf<P>>(
    params: P,
    options?: OptimizerOptions<O, D>,
  ): Optimizer<P, D, HyperName<O & CommonOptions>, S>;
  readonly spec: Spec;
}

/** Turns a spec into the function that makes optimizers of it. */
export function optimizer<
  const O extends OptionTable,
  const S extends string,
  const C extends string,
  const K extends string = never,
>(spec: Spec<O, S, C, K>): Factory<O, S> {
  const kind = new Kind(spec as unknown as Spec);
  const make = (params: Params, options = {}) => new Optimizer(kind, params, options);
  return Object.assign(make, { spec: kind.spec }) as unknown as Factory<O, S>;
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
> {
  readonly name: string;
  /** Which backend runs; the results are the same bits on both. */
  readonly backend: BackendName;
  readonly dtype: D;
  /** The parameters: views that every step updates in place and that stay valid. */
  readonly params: Views<P, D>;
  /** Where the gradients go before a step: views that stay valid, zeros at first. */
  readonly grads: Views<P, D>;

  readonly #tensors: readonly Tensor[];
  readonly #views: ReadonlyMap<string, TensorViews>;
  readonly #groups: readonly Group[];
  /** The numeric options: first the optimizer's own, then each group's. */
  readonly #hypers: readonly Hypers[];
  /** The groups that are not frozen. */
  readonly #trained: readonly Group[];
  readonly #arena: Arena;
  readonly #start: number;
  readonly #bytes: number;
  readonly #clipNorm: number | ScheduleFunction;
  readonly #onNonFinite: "skip" | "throw" | "ignore";
  readonly #inPlace: boolean;
  #stepCount = 0;
  #skipped = 0;
  #evaluating = false;
  #disposed = false;

  /** @internal */
  constructor({ spec, hypers, records }: Kind, params: Params, options: object) {
    const { name } = spec;
    const { options: table } = hypers;
    const given = options as Readonly<Record<string, unknown>>;
    checkKeys(name, given, [
      ...Object.keys(table),
      ...Object.keys(wholeOptions),
      "groups",
      "dtype",
      "backend",
      "arena",
    ]);
    const { clipNorm, onNonFinite, inPlace } = resolve(name, wholeOptions, given);
    const list = tensors(name, params);
    const dtype = dtypeOf(name, list, given.dtype);
    const bare = list.find(({ source }) => source === undefined);
    if (inPlace && bare)
      throw new TypeError(`${name}: inPlace needs typed arrays, got a shape for parameter ${bare.name}`);
    const { plans, hypers: sets } = plan(spec, hypers, list, given, clipNorm !== Infinity);
    limitAt(name, clipNorm, 0);

    const bytes = bytesOf(plans, dtype);
    const arena = arenaFor(name, given, bytes);
    const start = arena.allocate(name, bytes);
    const places = place(spec, plans, arena, start, dtype);
    const groups = plans.map((plan, i) => new Group(spec, records, plan, places[i], arena.kernels, dtype));
    const views = new Map<string, TensorViews>();
    plans.forEach(({ members }, i) => {
      const { p, g, slots } = places[i];
      let end = 0;
      for (const { name, length, source } of members) {
        const from = end;
        end += length;
        const cut = (x: FloatArray) => x.subarray(from, end);
        const state = Object.fromEntries(Object.entries(slots).map(([slot, x]) => [slot, cut(x)]));
        views.set(name, { p: cut(p), g: cut(g), state, group: groups[i] });
        if (source) p.set(source, from);
      }
    });

    this.name = name;
    this.dtype = dtype as D;
    this.backend = arena.backend;
    this.params = viewsOf(params as P, list, (name) => views.get(name)?.p);
    this.grads = viewsOf(params as P, list, (name) => views.get(name)?.g);
    this.#tensors = list;
    this.#views = views;
    this.#groups = groups;
    this.#hypers = sets;
    this.#trained = groups.filter(({ trainable }) => trainable);
    this.#arena = arena;
    this.#start = start;
    this.#bytes = bytes;
    this.#clipNorm = clipNorm;
    this.#onNonFinite = onNonFinite;
    this.#inPlace = inPlace;
  }

  /** Updates made so far; skipped ones do not count. Schedules are evaluated at it. */
  get stepCount(): number {
    return this.#stepCount;
  }

  /** Steps left out because a gradient was not finite. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The learning rate of the last step, or of the first before it; groups may have others. */
  get lr(): number {
    return this.hyper("lr" as H);
  }

  /**
   * A numeric option as the last step used it (or would have, if it threw), or as the first will.
   *
   * @param param a parameter, for the value in its group; by default the optimizer's own value
   */
  hyper(name: H, param?: keyof P): number {
    const hypers = param === undefined ? this.#hypers[0] : this.#viewsOf(param).group.hypers;
    const value = hypers.get(name);
    if (value === undefined) throw new TypeError(`${this.name}: there is no numeric option ${String(name)}`);
    return value;
  }

  /** A parameter's state: views under PyTorch's names. */
  state(param: keyof P): Readonly<Record<S, View<D>>> {
    return this.#viewsOf(param).state as Readonly<Record<S, View<D>>>;
  }

  /**
   * Updates the parameters.
   *
   * @param grads gradients to copy into `grads` first, one under every key; without them `grads` is taken as it is
   * @throws RangeError if a schedule gives a value out of its option's range, Error if `onNonFinite` is "throw" and a gradient
   *   is not finite or the optimizer is disposed; in each case nothing has changed but `grads`
   */
  step(grads?: Gradients<P>): void {
    this.#live();
    if (this.#evaluating) throw new Error(`${this.name}: step() needs the weights to train: call train() first`);
    if (grads !== undefined) this.#copyIn(grads);
    const groups = this.#trained;
    for (let i = 0; i < this.#hypers.length; i++) this.#hypers[i].resolve(this.#stepCount);
    const factor = this.#factor();
    if (Number.isNaN(factor)) {
      this.#refuse();
      return;
    }
    this.#stepCount++;
    for (let i = 0; i < groups.length; i++) groups[i].update(this.#stepCount, factor);
    if (this.#inPlace) this.#copyOut();
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
    this.#live();
    // Before the first step both are the same.
    if (this.#stepCount === 0 || this.#evaluating === (to === "eval")) return;
    for (const group of this.#trained) if (group.turn(to)) this.#evaluating = to === "eval";
  }

  /** Sets all gradients to zero. */
  zeroGrad(): void {
    this.#live();
    for (let i = 0; i < this.#groups.length; i++) this.#groups[i].g.fill(0);
  }

  /**
   * Gives the memory back to the arena. The views go stale: what is written to them then may be another optimizer's. All methods that
   * would write throw from then on.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#arena.release(this.#start, this.#bytes);
  }

  #live(): void {
    if (this.#disposed) throw new Error(`${this.name}: this optimizer is disposed`);
  }

  /** What norm clipping multiplies the gradients by; NaN when they must not be used. */
  #factor(): number {
    const guarded = this.#onNonFinite !== "ignore";
    const most = limitAt(this.name, this.#clipNorm, this.#stepCount);
    if (most === Infinity) return guarded && !this.#allFinite() ? NaN : 1;
    const norm = this.#norm();
    if (guarded && !Number.isFinite(norm)) return NaN;
    return norm > most ? most / norm : 1;
  }

  /** ‖g‖ over all groups, each under its `gradScale`. */
  #norm(): number {
    let sum = 0;
    for (let i = 0; i < this.#trained.length; i++) {
      const { g, hypers } = this.#trained[i];
      sum += hypers.shared.gradScale * hypers.shared.gradScale * this.#arena.kernels.sumOfSquares(g);
    }
    return Math.sqrt(sum);
  }

  #allFinite(): boolean {
    for (let i = 0; i < this.#trained.length; i++) if (!this.#arena.kernels.allFinite(this.#trained[i].g)) return false;
    return true;
  }

  #refuse(): void {
    if (this.#onNonFinite === "skip") {
      this.#skipped++;
      return;
    }
    const { allFinite } = this.#arena.kernels;
    const bad = this.#tensors.find(({ name }) => {
      const { g, group } = this.#viewsOf(name);
      return group.trainable && !allFinite(g);
    });
    const what = bad ? `the gradient of ${bad.name} is` : "the gradients' norm is";
    throw new Error(`${this.name}: ${what} not finite at step ${this.#stepCount}`);
  }

  #copyIn(grads: Gradients<P>): void {
    if (typeof grads !== "object" || grads === null)
      throw new TypeError(`${this.name}: gradients must be a record or an array, got ${show(grads)}`);
    const given = grads as unknown as Readonly<Record<string, ArrayLike<number>>>;
    for (const key of Object.keys(given))
      if (!this.#views.has(key)) throw new TypeError(`${this.name}: a gradient came for ${key}, which is no parameter`);
    for (const { name, length } of this.#tensors) {
      const grad = given[name];
      if (typeof grad !== "object" || typeof grad?.length !== "number" || typeof (grad[0] ?? 0) !== "number")
        throw new TypeError(`${this.name}: the gradient of ${name} must be an array of numbers, got ${show(grad)}`);
      if (grad.length !== length)
        throw new RangeError(`${this.name}: the gradient of ${name} must have ${length} elements, got ${grad.length}`);
    }
    for (const { name } of this.#tensors) this.#viewsOf(name).g.set(given[name]);
  }

  #copyOut(): void {
    for (let i = 0; i < this.#tensors.length; i++) {
      const { name, source } = this.#tensors[i];
      source?.set(this.#viewsOf(name).p);
    }
  }

  #viewsOf(param: PropertyKey): TensorViews {
    const views = this.#views.get(String(param));
    if (!views) throw new TypeError(`${this.name}: there is no parameter ${String(param)}`);
    return views;
  }
}

interface TensorViews {
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly state: Readonly<Record<string, FloatArray>>;
  readonly group: Group;
}

/** What clipNorm is at index `k`. */
function limitAt(owner: string, clipNorm: number | ScheduleFunction, k: number): number {
  if (typeof clipNorm === "number") return clipNorm;
  const value: unknown = clipNorm(k);
  if (typeof value !== "number")
    throw new TypeError(`${owner}: clipNorm must be a number or a schedule, got ${show(value)} at step ${k}`);
  if (value > 0) return value;
  throw new RangeError(`${owner}: clipNorm must be > 0, got ${value} at step ${k}`);
}

/** The arena that was given, or one of the right size. */
function arenaFor(owner: string, given: Readonly<Record<string, unknown>>, bytes: number): Arena {
  const { arena, backend = "auto" } = given;
  checkBackend(owner, backend);
  if (arena === undefined && bytes > MOST)
    throw new RangeError(`${owner}: parameters and state take ${bytes} bytes, and an arena has at most ${MOST}`);
  if (arena === undefined) return new Arena({ bytes: Math.max(bytes, 1), backend });
  if (!(arena instanceof Arena)) throw new TypeError(`${owner}: arena must be an Arena, got ${show(arena)}`);
  if (given.backend !== undefined)
    throw new TypeError(`${owner}: backend cannot be given together with arena, which runs on "${arena.backend}"`);
  return arena;
}
