import { floatsOf, savedFloats } from "../common/saved-json.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import { bytesOf, viewsAt, WIDTH } from "../engine/layout.ts";
import { fit, isStrict, type LoadOptions, type Misfits, otherArray } from "../engine/load.ts";
import { axpby, unlimited } from "../engine/pipeline.ts";
import { countOf, dtypeFrom, objectOf, partOf } from "../engine/saved.ts";
import { type Arena, arenaFor } from "../memory/arena.ts";
import { checkWeighted, type ParamGuard, type Weighted } from "../memory/param-guard.ts";

/** Where what goes around an optimizer lives. */
export type ArenaOption = {
  /** By default a memory of its own. */
  readonly arena?: Arena | undefined;
};

/** What `ema`, `swa` or `lookahead` needs to go on as if it had never stopped, but its options: plain data. */
export interface SavedWrapper {
  readonly wrapper: string;
  readonly dtype: Dtype;
  readonly count: number;
  /** The averages or slow weights under the parameters' keys. */
  readonly params: Readonly<Record<string, FloatArray>>;
}

/** Weights of its own for each parameter of an optimizer, made of all that those have been at its updates. */
export class TrackedWeights {
  readonly name: string;
  /** @internal */
  protected readonly weights: ParamGuard;
  /** @internal */
  protected readonly own: FloatArray;
  /** @internal */
  protected readonly ownParts: readonly FloatArray[];
  /**
   * Room for the parameters beside them.
   * @internal
   */
  protected readonly other: FloatArray;
  /** @internal */
  protected readonly otherParts: readonly FloatArray[];
  readonly #dtype: Dtype;
  readonly #release: () => void;
  readonly #approach: (weight: number) => void;
  #count = 0;
  #disposed = false;
  /** How often the parameters had been loaded when these weights began; undefined once they are loaded too, until they are used. */
  #loads: number | undefined;

  /** @internal */
  constructor(name: string, optimizer: Weighted, arena: Arena | undefined) {
    checkWeighted(name, optimizer);
    const { weights, dtype, backend } = optimizer;
    weights.check(name);
    const lengths = { own: weights.length, other: weights.length, scalars: WIDTH };
    const bytes = bytesOf(lengths, dtype);
    const home = arenaFor(name, arena === undefined ? { arena, backend } : { arena, backend: undefined }, bytes);
    const start = home.allocate(name, bytes);
    const { own, other, scalars } = viewsAt(lengths, home.kernels.buffer, start, dtype);
    const c = unlimited(scalars);
    const subtract = axpby(home.kernels, dtype, other, other, own, c);
    const add = axpby(home.kernels, dtype, own, other, own, c);
    this.name = name;
    this.weights = weights;
    this.#loads = weights.loads;
    this.own = own;
    this.ownParts = weights.cut(own);
    this.other = other;
    this.otherParts = weights.cut(other);
    this.#dtype = dtype;
    this.#release = () => home.release(start, bytes);
    this.#approach = (weight) => {
      c.scale = 1;
      c.decay = -1;
      subtract();
      c.scale = weight;
      c.decay = 1;
      add();
    };
    weights.read(this.ownParts);
  }

  /** Updates so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Counts an update.
   * @internal
   * @throws Error unless the parameters are the weights to train
   */
  protected advance(): number {
    this.live();
    this.weights.check(this.name);
    this.together();
    this.#count++;
    return this.#count;
  }

  /**
   * own ← own + weight · (p − own), so that what is p stays p: rounded to f32, weight and 1 − weight are not 1 together.
   * @internal
   */
  protected approach(weight: number): void {
    this.weights.read(this.otherParts);
    this.#approach(weight);
  }

  /**
   * All that the next updates depend on but the options and the optimizer, which saves itself: copied.
   *
   * @throws Error while the parameters are averages
   */
  save(): SavedWrapper {
    this.#idle();
    const entries = this.weights.names.map((name, i) => [name, savedFloats(this.ownParts[i])] as const);
    return { wrapper: this.name, dtype: this.#dtype, count: this.#count, params: Object.fromEntries(entries) };
  }

  /**
   * Takes up what `save` of one around the same parameters gave, or what JSON made of it. The optimizer is to be loaded by itself, before or
   * after.
   *
   * @param options `strict`, default true: that every parameter must fit. If false, averages or slow weights that do not begin as the
   *   parameters are now
   * @returns the names of what did not fit
   * @throws TypeError or RangeError if it does not fit, Error while the parameters are averages; nothing has changed then
   */
  load(saved: SavedWrapper, options: LoadOptions = {}): Misfits {
    this.#idle();
    const { name, ownParts } = this;
    const { names } = this.weights;
    const strict = isStrict(name, options);
    const given = objectOf(name, saved);
    const dtype = dtypeFrom(name, { dtype: this.#dtype, strict }, given, given.wrapper);
    const count = countOf(name, "count", given.count);
    const entries = Object.entries(partOf(name, "parameters", given.params));
    const params = new Map(entries.map(([key, x]) => [key, floatsOf(name, key, dtype, x)]));
    const own = new Map(names.map((key, i) => [key, ownParts[i]]));
    const misfit = (key: string, x: FloatArray) => otherArray(name, key, x, own.get(key) ?? x);
    const { fitting, misfits } = fit(name, names, params, strict, misfit);
    // What was read can have been functions, which may have done anything.
    this.#idle();
    this.weights.read(this.otherParts);
    for (const [i, key] of names.entries()) ownParts[i].set(fitting.get(key) ?? this.otherParts[i]);
    this.#count = count;
    this.#loads = undefined;
    return misfits;
  }

  /**
   * @internal
   * @throws Error if the parameters have been loaded since these weights began, and these have not
   */
  protected together(): void {
    const { loads } = this.weights;
    this.#loads ??= loads;
    if (this.#loads !== loads)
      throw new Error(
        `${this.name}: the optimizer was loaded and this was not, so that it is of another run: load what it saved too, or make a new one`,
      );
  }

  /** Gives the memory back to the arena, while the parameters are no averages. All methods throw from then on. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release();
  }

  /** @internal */
  protected live(): void {
    if (this.#disposed) throw new Error(`${this.name}: this wrapper is disposed`);
  }

  #idle(): void {
    this.live();
    this.weights.check(this.name, "evaluating");
  }
}
