import { isLikeTypedArray, isReadable, lengthOf, typedArrayName } from "../common/realm.ts";
import { show, showName } from "../common/show.ts";
import type { FloatArray } from "../common/types.ts";
import type { ParamGuard } from "./param-guard.ts";

/**
 * The way of a caller's numbers into a view. They are read once, for reading them may call the caller's functions, and copied when all
 * else has been checked.
 */
export class Inlet {
  readonly #what: string;
  readonly #view: FloatArray;
  #taken: FloatArray | undefined;
  /** For numbers that are in no typed array: made once they come. */
  #room: FloatArray | undefined;

  /** @param what as messages have it: "adam: the gradient of w" */
  constructor(what: string, view: FloatArray) {
    this.#what = what;
    this.#view = view;
  }

  /** @throws TypeError or RangeError unless these are as many numbers as the view has */
  take(given: unknown): void {
    this.#taken = undefined;
    if (typeof given !== "object" || given === null) this.#reject(given);
    const type = typedArrayName(given);
    if (type === "BigInt64Array" || type === "BigUint64Array") this.#reject(given);
    this.#taken = type === undefined ? this.#read(given) : (given as FloatArray);
    this.check();
  }

  /** @throws RangeError if a typed array has shrunk since it was taken */
  check(): void {
    if (this.#taken !== undefined) this.#fits(lengthOf(this.#taken));
  }

  /** Forgets what was taken. */
  drop(): void {
    this.#taken = undefined;
  }

  /** Copies what was taken. */
  pour(): void {
    if (this.#taken !== undefined) this.#view.set(this.#taken);
    this.#taken = undefined;
  }

  #read(given: object): FloatArray {
    if (!isReadable(given)) this.#reject(given);
    const length = this.#lengthOf(given);
    if (typeof length !== "number") this.#reject(given);
    this.#fits(length);
    this.#room ??= this.#view.slice();
    for (let i = 0; i < length; i++) {
      const x = given[i];
      if (typeof x !== "number") this.#reject(x, ` at index ${i}`);
      this.#room[i] = x;
    }
    return this.#room;
  }

  /** Of a proxy of a typed array, and of what inherits from one, the engine may know none. */
  #lengthOf(given: Readonly<Record<string, unknown>>): unknown {
    try {
      return given.length;
    } catch (error) {
      if (error instanceof TypeError && isLikeTypedArray(given)) this.#reject(given);
      throw error;
    }
  }

  #fits(length: number): void {
    if (length !== this.#view.length)
      throw new RangeError(`${this.#what} must have ${this.#view.length} elements, got ${length}`);
  }

  #reject(given: unknown, where = ""): never {
    throw new TypeError(`${this.#what} must be an array of numbers, got ${show(given)}${where}`);
  }
}

/** Gradients under the parameters' keys, each by its inlet. */
export class Incoming {
  readonly #owner: string;
  readonly #optional: (name: string) => boolean;
  readonly #inlets: ReadonlyMap<string, Inlet>;

  /** @param optional whose gradient may be left out */
  constructor(owner: string, inlets: ReadonlyMap<string, Inlet>, optional: (name: string) => boolean) {
    this.#optional = optional;
    this.#owner = owner;
    this.#inlets = inlets;
  }

  /** @throws TypeError or RangeError unless there is a gradient under every key, and under no other */
  take(grads: unknown): void {
    if (typeof grads !== "object" || !isReadable(grads))
      throw new TypeError(`${this.#owner}: gradients must be a record or an array, got ${show(grads)}`);
    for (const key of Object.keys(grads))
      if (!this.#inlets.has(key))
        throw new TypeError(`${this.#owner}: a gradient came for ${showName(key)}, which is no parameter`);
    const given = grads as Readonly<Record<string, unknown>>;
    for (const [name, inlet] of this.#inlets) {
      const grad = given[name];
      if (grad !== undefined || !this.#optional(name)) inlet.take(grad);
      else inlet.drop();
    }
  }

  /** Copies what was taken, if all of it is still there. */
  pour(): void {
    for (const inlet of this.#inlets.values()) inlet.check();
    for (const inlet of this.#inlets.values()) inlet.pour();
  }
}

/** What an assignment to a parameter does, or to a part of its state. */
export function assign(owner: string, weights: ParamGuard, what: string, view: FloatArray, given: unknown): void {
  weights.check(owner);
  const inlet = new Inlet(`${owner}: ${what}`, view);
  weights.shut(() => inlet.take(given));
  weights.checkSources(owner);
  inlet.pour();
  weights.moved();
}

/** What an assignment to a gradient does, which closures of a step may. */
export function assignGradient(
  owner: string,
  weights: ParamGuard,
  what: string,
  view: FloatArray,
  given: unknown,
): void {
  weights.refuse(owner, "disposed", "within");
  const inlet = new Inlet(`${owner}: the gradient of ${what}`, view);
  weights.shut(() => inlet.take(given));
  inlet.pour();
}
