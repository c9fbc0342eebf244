import { show } from "../common/options.ts";
import { lengthOf } from "../common/realm.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import type { BackendName } from "../kernels/backend.ts";
import { checkLength } from "./sources.ts";
import type { Tensor } from "./tensors.ts";

/** Why parameters are not there for the asking, and what ends it. */
const reasons = {
  evaluating: "the parameters are the weights to evaluate with: call train() first",
  swapped: "the parameters are averages: swap() back first",
  stepping: "a step is under way: await it first",
  testing: "a step is under way, of lrRangeTest: await its end first",
  within: "a step is under way, and this call comes out of it: from a schedule, or from what is read of gradients",
  disposed: "this optimizer is disposed",
};

type State = "training" | keyof typeof reasons;

/** An optimizer, to what only looks at its parameters and moves them. */
export interface Weighted {
  readonly dtype: Dtype;
  /** Which backend runs. */
  readonly backend: BackendName;
  /** @internal */
  readonly weights: ParamGuard;
}

/** Every optimizer that there is: a proxy of one has none of its private fields, and one of another copy of this library others. */
const optimizers = new WeakSet<object>();

const isOptimizer = (value: unknown): boolean => typeof value === "object" && value !== null && optimizers.has(value);

/** @throws TypeError unless it is an optimizer of this library */
export function checkWeighted(owner: string, value: unknown): asserts value is Weighted {
  if (!isOptimizer(value))
    throw new TypeError(`${owner}: optimizer must be one of this library's, got ${showOther(value)}`);
}

/** What came for an optimizer, if it only looks like one. */
export function showOther(value: unknown): string {
  const shown = show(value);
  const alike = shown === "an Optimizer" || shown === "a Lbfgs";
  return alike && !isOptimizer(value) ? `${shown} behind a proxy, or of another copy of this library` : shown;
}

/** An optimizer's parameters, for all that may move them: what they are at present, and their way to the caller's arrays. */
export class ParamGuard {
  /** The weights to train, or what stands in their place or keeps others away from them. */
  state: State = "training";
  /** How often they were loaded: what was made of those before is of another run. */
  loads = 0;
  readonly names: readonly string[];
  readonly #views: readonly FloatArray[];
  readonly #sources: readonly Source[];

  /**
   * @param optimizer whose they are
   * @param inPlace whether what was given as parameters follows them
   */
  constructor(
    optimizer: Weighted,
    tensors: readonly (Pick<Tensor, "name" | "source"> & { readonly p: FloatArray })[],
    inPlace: boolean,
  ) {
    optimizers.add(optimizer);
    this.names = tensors.map(({ name }) => name);
    this.#views = tensors.map(({ p }) => p);
    this.#sources = inPlace ? tensors.flatMap(toSource) : [];
  }

  /** How many elements there are in all. */
  get length(): number {
    return this.#views.reduce((sum, { length }) => sum + length, 0);
  }

  /** @throws Error unless they are the weights to train, or in the state `also`, to do what `owner` wants */
  check(owner: string, also: State = "training"): void {
    if (this.state !== "training" && this.state !== also) throw new Error(`${owner}: ${reasons[this.state]}`);
  }

  /** @throws Error in any of these states */
  refuse(owner: string, ...during: readonly State[]): void {
    if (this.state !== "training" && during.includes(this.state)) throw new Error(`${owner}: ${reasons[this.state]}`);
  }

  /** @throws Error unless the arrays of `inPlace` can follow: to be called before the parameters change */
  checkSources(owner: string): void {
    for (let i = 0; i < this.#sources.length; i++) checkLength(owner, this.#sources[i]);
  }

  /** Runs what may call functions of the caller's, and keeps those from changing the optimizer meanwhile. */
  shut<R>(work: () => R): R {
    const { state } = this;
    this.state = "within";
    try {
      return work();
    } finally {
      this.state = state;
    }
  }

  /**
   * Ends the optimizer.
   *
   * @returns whether this is the first time
   * @throws Error while a step is under way
   */
  close(owner: string): boolean {
    this.refuse(owner, "stepping", "testing", "within");
    const first = this.state !== "disposed";
    this.state = "disposed";
    return first;
  }

  /** A vector as long as they all, cut as they are. */
  cut(vector: FloatArray): FloatArray[] {
    let end = 0;
    return this.#views.map(({ length }) => {
      const start = end;
      end += length;
      return vector.subarray(start, end);
    });
  }

  /** parts ← the parameters */
  read(parts: readonly FloatArray[]): void {
    for (let i = 0; i < parts.length; i++) parts[i].set(this.#views[i]);
  }

  /** The parameters ← parts */
  write(parts: readonly FloatArray[]): void {
    for (let i = 0; i < parts.length; i++) this.#views[i].set(parts[i]);
    this.moved();
  }

  /** Has the arrays of `inPlace` follow the parameters: to be called whenever those have changed. Passes over one that no longer can. */
  moved(): void {
    for (let i = 0; i < this.#sources.length; i++) {
      const { source, p } = this.#sources[i];
      if (lengthOf(source) === p.length) source.set(p);
    }
  }
}

interface Source {
  readonly name: string;
  readonly source: FloatArray;
  readonly length: number;
  readonly p: FloatArray;
}

/** An array without elements has nothing to follow. */
const toSource = ({ name, source, p }: Pick<Tensor, "name" | "source"> & { readonly p: FloatArray }): Source[] =>
  source && p.length > 0 ? [{ name, source, length: p.length, p }] : [];
