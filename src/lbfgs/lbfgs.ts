import { type Arena, arenaFor } from "../arena.ts";
import type { BackendChoice, BackendName, Dtype, FloatArray } from "../backend.ts";
import { descentOptions } from "../descent.ts";
import { drive } from "../drive.ts";
import { bytesOf } from "../layout.ts";
import {
  check,
  checkKeys,
  choice,
  count,
  fixed,
  flag,
  nonNegative,
  type Options,
  optional,
  type Resolved,
  resolve,
  type ScheduleFunction,
  show,
  valueAt,
} from "../options.ts";
import {
  checkSources,
  type DtypeOf,
  dtypeOf,
  type Params,
  type Tensor,
  tensors,
  type Views,
  viewsOf,
} from "../params.ts";
import { checkHead, sameKeys, sameLength } from "../saved.ts";
import { History } from "./history.ts";
import { checkState, loadState, type SavedLbfgs, saveState } from "./saved.ts";
import { type Site, strongWolfe } from "./strong-wolfe.ts";
import { lengthsOf, Vectors } from "./vectors.ts";

const NAME = "lbfgs";
const LR = `${NAME}: lr`;

type Closure = () => unknown;

const table = {
  /** The length of a step, as a part of the direction; with a line search the first that is tried. */
  lr: nonNegative(1),
  /** The most iterations of one step. */
  maxIter: fixed(count({ fallback: 20 })),
  /** The most evaluations of the closure in one step, not to be exceeded but by the first of a line search. Default: ⌊1.25 · maxIter⌋. */
  maxEval: optional(count()),
  /** A step ends where no element of the gradient is larger. */
  toleranceGrad: fixed(nonNegative(1e-7)),
  /** A step ends where no parameter changes by more, or the loss by less. */
  toleranceChange: fixed(nonNegative(1e-9)),
  /** How many changes of the gradient are kept. */
  historySize: fixed(count({ fallback: 100 })),
  /** Whether the length of a step is found by a line search under the strong Wolfe conditions, or is always lr. */
  lineSearchFn: choice("none", "strongWolfe"),
  /** Ascends instead of descending. */
  maximize: flag(false),
  /** When a loss or gradient is not finite: end the step where both were, and count it in `skipped`; throw; or go on. */
  onNonFinite: descentOptions.onNonFinite,
  /** Copies the parameters back into the typed arrays given before every call of the closure and after the step. */
  inPlace: flag(false),
};

export type LbfgsOptions<D extends Dtype = Dtype> = Options<typeof table> & {
  /** Default: f64 if the parameters hold a Float64Array, else f32. */
  readonly dtype?: D | undefined;
  /** Default "auto". Not together with `arena`, which has its own. */
  readonly backend?: BackendChoice | undefined;
  /** Where to live; by default in a memory of its own. */
  readonly arena?: Arena | undefined;
};

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
  /** The parameters: views that stay valid. While a step is under way they are those to evaluate. */
  readonly params: Views<P, D>;
  /** Where the closure puts the gradients: views that stay valid, zeros at first. */
  readonly grads: Views<P, D>;

  readonly #options: Resolved<typeof table>;
  readonly #maxEval: number;
  readonly #sign: 1 | -1;
  readonly #parts: readonly Part[];
  readonly #arena: Arena;
  readonly #start: number;
  readonly #bytes: number;
  readonly #vectors: Vectors;
  readonly #history: History;
  #lr: number | ScheduleFunction;
  #stepCount = 0;
  #skipped = 0;
  #nIter = 0;
  #funcEvals = 0;
  /** How far along `d` the last iteration went. */
  #t = 0;
  #stepping = false;
  #disposed = false;

  /** @internal */
  constructor(params: P, options: LbfgsOptions<D>) {
    const given = options as Readonly<Record<string, unknown>>;
    checkKeys(NAME, given, [...Object.keys(table), "dtype", "backend", "arena"]);
    const own = resolve(NAME, table, given);
    const list = tensors(NAME, params);
    const dtype = dtypeOf(NAME, list, given.dtype);
    if (own.inPlace) checkSources(NAME, list);
    valueAt(LR, table.lr, own.lr, 0);

    const length = list.reduce((sum, tensor) => sum + tensor.length, 0);
    const size = { length, pairs: own.historySize, searches: own.lineSearchFn === "strongWolfe" };
    const bytes = bytesOf(lengthsOf(size), dtype);
    const arena = arenaFor(NAME, given, bytes);
    const start = arena.allocate(NAME, bytes);
    const vectors = new Vectors(size, arena, start, dtype);
    const parts = partsOf(list, vectors);
    for (const { p, source } of parts) if (source) p.set(source);
    const byName = new Map(parts.map((part) => [part.name, part]));

    this.backend = arena.backend;
    this.dtype = dtype as D;
    this.params = viewsOf(params, list, (name) => byName.get(name)?.p);
    this.grads = viewsOf(params, list, (name) => byName.get(name)?.g);
    this.#options = own;
    this.#maxEval = own.maxEval ?? Math.floor(own.maxIter * 1.25);
    this.#sign = own.maximize ? -1 : 1;
    this.#parts = parts;
    this.#arena = arena;
    this.#start = start;
    this.#bytes = bytes;
    this.#vectors = vectors;
    this.#history = new History(vectors);
    this.#lr = own.lr;
  }

  /** Steps made so far; those left out do not count. A schedule is evaluated at it. */
  get stepCount(): number {
    return this.#stepCount;
  }

  /** Steps left out or cut short because a loss or a gradient was not finite. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Iterations so far. */
  get nIter(): number {
    return this.#nIter;
  }

  /** Calls of the closure so far. */
  get funcEvals(): number {
    return this.#funcEvals;
  }

  /** The learning rate of the next step. */
  get lr(): number {
    return valueAt(LR, table.lr, this.#lr, this.#stepCount);
  }

  /**
   * From the next step on, a number or a schedule in place of the option `lr`; undefined gives back the option.
   *
   * @throws TypeError or RangeError as the option would
   */
  set lr(lr: number | ScheduleFunction | undefined) {
    if (lr !== undefined) check(NAME, "lr", table.lr, lr);
    this.#lr = lr ?? this.#options.lr;
  }

  /**
   * Some iterations. The closure is called several times: it fills `grads` for `params` as they are, and returns the loss or promises to.
   *
   * With `onNonFinite` "skip", a loss or gradient that is not finite leaves out the step if it is the first; it makes a line search turn
   * back; and otherwise it ends the step with the parameters that the iteration began with.
   *
   * @returns the closure's first loss: that of the parameters as they were
   * @throws what the closure throws, and Error if `onNonFinite` is "throw" and a loss or gradient is not finite, with the parameters that
   *   the iteration began with; Error if the optimizer is disposed or a step is under way, with nothing changed
   */
  step(closure: () => Promise<number>): Promise<number>;
  step(closure: () => number): number;
  step(closure: () => unknown): unknown {
    this.#idle();
    if (typeof closure !== "function") throw new TypeError(`${NAME}: step() needs a closure, got ${show(closure)}`);
    return drive(this.#run(closure, this.lr));
  }

  *#run(closure: Closure, lr: number): Generator<unknown, number> {
    this.#stepping = true;
    try {
      const loss = yield* this.#evaluate(closure);
      if (this.#refuses(loss)) {
        this.#skipped++;
        return loss;
      }
      yield* this.#descend(closure, this.#sign * loss, lr);
      this.#stepCount++;
      return loss;
    } finally {
      this.#stepping = false;
      this.#copyOut();
    }
  }

  *#descend(closure: Closure, first: number, lr: number): Generator<unknown, void> {
    const { maxIter, toleranceGrad, toleranceChange, lineSearchFn } = this.#options;
    const vectors = this.#vectors;
    const { p, x, d, flat_grad } = vectors;
    const end = this.#funcEvals - 1 + this.#maxEval;
    let loss = first;
    for (let i = 1; !(vectors.largestGradient() <= toleranceGrad); i++) {
      this.#direct();
      const slope = vectors.dot(flat_grad, d);
      if (slope > -toleranceChange) return;
      const t = this.#nIter === 1 ? Math.min(1, 1 / vectors.sumOfMagnitudes(flat_grad)) * lr : lr;
      x.set(p);
      let after: number | undefined;
      try {
        after = yield* lineSearchFn === "none"
          ? this.#go(closure, t, i === maxIter)
          : this.#search(closure, t, loss, slope, end - this.#funcEvals);
      } catch (error) {
        p.set(x);
        throw error;
      }
      if (after === undefined || i === maxIter || this.#funcEvals >= end) return;
      if (this.#t * vectors.largestDirection() <= toleranceChange || Math.abs(after - loss) < toleranceChange) return;
      loss = after;
    }
  }

  /** Takes up what the last iteration showed, and sets the direction of the next. */
  #direct(): void {
    const { aim, change, scale, d, flat_grad, prev_flat_grad } = this.#vectors;
    this.#nIter++;
    if (this.#nIter > 1) {
      change(1, -1);
      scale(this.#t);
      this.#history.push(prev_flat_grad, d);
    }
    aim(-1);
    this.#history.apply();
    prev_flat_grad.set(flat_grad);
    // So that nothing is learnt from a step that is not made.
    this.#t = 0;
  }

  /** Goes as far as `t`. Returns the loss there; undefined if it is the last point or one to turn back from. */
  *#go(closure: Closure, t: number, last: boolean): Generator<unknown, number | undefined> {
    const { advance, p, x } = this.#vectors;
    if (last) {
      // The next step begins with looking at it.
      advance(1, t);
      this.#t = t;
      return undefined;
    }
    const loss = yield* this.#visit(closure, t);
    if (loss === undefined) {
      this.#skipped++;
      p.set(x);
      return undefined;
    }
    this.#t = t;
    return loss;
  }

  /** Goes to a point that satisfies the strong Wolfe conditions, `t` being tried first. Returns the loss there. */
  *#search(closure: Closure, t: number, loss: number, slope: number, most: number): Generator<unknown, number> {
    const { advance, ends, flat_grad, largestDirection, prev_flat_grad } = this.#vectors;
    const [a, b] = ends.map(siteWith);
    const start = { t: 0, loss, slope, g: prev_flat_grad };
    const trial = siteWith(flat_grad);
    const line = { start, trial, ends: [a, b], visit: (t: number) => this.#try(closure, t, trial) } as const;
    const found = yield* strongWolfe(line, t, largestDirection(), most);
    flat_grad.set(found.g);
    advance(1, found.t);
    this.#t = found.t;
    return found.loss;
  }

  /** Fills in `trial` at `t`. */
  *#try(closure: Closure, t: number, trial: Site): Generator<unknown, void> {
    const loss = yield* this.#visit(closure, t);
    trial.t = t;
    trial.loss = loss ?? Infinity;
    trial.slope = loss === undefined ? NaN : this.#vectors.dot(trial.g, this.#vectors.d);
  }

  /** What is minimised, at `t` along the direction; undefined where it is not finite and so not to be used. */
  *#visit(closure: Closure, t: number): Generator<unknown, number | undefined> {
    this.#vectors.advance(1, t);
    const loss = yield* this.#evaluate(closure);
    return this.#refuses(loss) ? undefined : this.#sign * loss;
  }

  /** The closure's loss at the parameters as they are. */
  *#evaluate(closure: Closure): Generator<unknown, number> {
    this.#copyOut();
    this.#funcEvals++;
    const loss: unknown = yield closure();
    if (typeof loss !== "number")
      throw new TypeError(`${NAME}: the closure must return the loss, a number, or a promise of it, got ${show(loss)}`);
    this.#vectors.take(this.#sign);
    return loss;
  }

  /** Whether a loss or the gradient that came with it must not be used. */
  #refuses(loss: number): boolean {
    const { onNonFinite } = this.#options;
    if (onNonFinite === "ignore" || (Number.isFinite(loss) && this.#vectors.allFinite(this.#vectors.g))) return false;
    if (onNonFinite === "skip") return true;
    const bad = this.#parts.find(({ g }) => !this.#vectors.allFinite(g));
    const what = Number.isFinite(loss) && bad ? `the gradient of ${bad.name}` : "the loss";
    throw new Error(`${NAME}: ${what} is not finite at step ${this.#stepCount}`);
  }

  /** All that the next steps depend on but the options: parameters, history and counts, copied. */
  save(): SavedLbfgs {
    this.#idle();
    const params = Object.fromEntries(this.#parts.map(({ name, p }) => [name, p.slice()]));
    const state = saveState(this.#vectors, this.#history, this.#nIter, this.#funcEvals, this.#t);
    return { optimizer: NAME, dtype: this.dtype, stepCount: this.#stepCount, skipped: this.#skipped, params, state };
  }

  /**
   * Takes up what `save` of an optimizer of the same parameters gave: the steps from here on are those it would have made.
   *
   * @throws TypeError or RangeError if it does not fit; nothing has changed then
   */
  load(saved: SavedLbfgs): void {
    this.#idle();
    checkHead(NAME, this.dtype, saved);
    const { stepCount, skipped, params, state } = saved;
    const names = this.#parts.map(({ name }) => name);
    sameKeys(NAME, "parameters", params, names);
    for (const { name, p } of this.#parts) sameLength(NAME, name, params[name], p);
    checkState(this.#vectors, state);
    for (const { name, p } of this.#parts) p.set(params[name]);
    loadState(this.#vectors, this.#history, state);
    this.#stepCount = stepCount;
    this.#skipped = skipped;
    this.#nIter = state.n_iter;
    this.#funcEvals = state.func_evals;
    this.#t = state.t;
    this.#copyOut();
  }

  /** Sets all gradients to zero. */
  zeroGrad(): void {
    this.#live();
    this.#vectors.g.fill(0);
  }

  /**
   * Gives the memory back to the arena. The views go stale: what is written to them then may be another optimizer's. All methods that
   * would write throw from then on.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#idle();
    this.#disposed = true;
    this.#arena.release(this.#start, this.#bytes);
  }

  #live(): void {
    if (this.#disposed) throw new Error(`${NAME}: this optimizer is disposed`);
  }

  #idle(): void {
    this.#live();
    if (this.#stepping) throw new Error(`${NAME}: a step is under way: await it first`);
  }

  #copyOut(): void {
    if (!this.#options.inPlace) return;
    for (const { p, source } of this.#parts) source?.set(p);
  }
}

/** One parameter and its part of the vectors. */
interface Part extends Tensor {
  readonly p: FloatArray;
  readonly g: FloatArray;
}

function partsOf(list: readonly Tensor[], { p, g }: Vectors): Part[] {
  let end = 0;
  return list.map((tensor) => {
    const start = end;
    end += tensor.length;
    return { ...tensor, p: p.subarray(start, end), g: g.subarray(start, end) };
  });
}

const siteWith = (g: FloatArray): Site => ({ t: 0, loss: 0, slope: 0, g });
