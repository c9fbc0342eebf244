import { show } from "../../common/options.ts";
import type { FloatArray } from "../../common/types.ts";
import type { ParamGuard } from "../../memory/param-guard.ts";
import { History } from "./history.ts";
import { HALVINGS, type LbfgsStatus, NAME, type ResolvedLbfgs } from "./options.ts";
import type { Part } from "./parts.ts";
import { type Site, strongWolfe } from "./strong-wolfe.ts";
import type { Vectors } from "./vectors.ts";

type Closure = () => unknown;

/** The steps, each of some iterations, as generators that yield what the closure returned and go on when its promise is kept. */
export class Iterations {
  /** Steps made so far; those left out do not count. */
  stepCount = 0;
  /** Steps left out or cut short because a loss or a gradient was not finite. */
  skipped = 0;
  /** Iterations so far. */
  nIter = 0;
  /** Calls of the closure so far. */
  funcEvals = 0;
  /** How far along `d` the last iteration went. */
  t = 0;
  /** Whether that is from `x` to where the closure has not been called yet. */
  unseen = false;
  /** Why the last step ended. */
  status: LbfgsStatus = "no step yet";
  readonly history: History;
  readonly #vectors: Vectors;
  readonly #parts: readonly Part[];
  readonly #weights: ParamGuard;
  readonly #options: ResolvedLbfgs;
  readonly #maxEval: number;
  readonly #sign: 1 | -1;
  /** Whether the iteration has met what is not finite. */
  #met = false;

  constructor(vectors: Vectors, parts: readonly Part[], weights: ParamGuard, options: ResolvedLbfgs) {
    this.history = new History(vectors);
    this.#vectors = vectors;
    this.#parts = parts;
    this.#weights = weights;
    this.#options = options;
    this.#maxEval = options.maxEval ?? Math.floor(options.maxIter * 1.25);
    this.#sign = options.maximize ? -1 : 1;
  }

  /** Returns the closure's first loss. */
  *step(closure: Closure, lr: number): Generator<unknown, number> {
    const loss = yield* this.#evaluate(closure);
    const first = this.#refuses(loss) ? yield* this.#retreat(closure) : this.#sign * loss;
    if (first === undefined) {
      this.skipped++;
      this.status = "not finite";
      return loss;
    }
    this.unseen = false;
    this.status = yield* this.#descend(closure, first, lr);
    if (this.status === "not finite") this.skipped++;
    this.stepCount++;
    return loss;
  }

  /** Shortens the last iteration, if it ended where nobody had looked. Returns the loss there. */
  *#retreat(closure: Closure): Generator<unknown, number | undefined> {
    if (!this.unseen) return undefined;
    this.unseen = false;
    return yield* this.#whole(this.#reach(closure, this.t / 2, Infinity));
  }

  *#descend(closure: Closure, first: number, lr: number): Generator<unknown, LbfgsStatus> {
    const { maxIter, toleranceGrad, toleranceChange, lineSearchFn } = this.#options;
    const vectors = this.#vectors;
    const end = this.funcEvals - 1 + this.#maxEval;
    let loss = first;
    if (vectors.largestGradient() <= toleranceGrad) return "converged by gradient";
    for (let i = 1; ; i++) {
      this.#direct();
      const slope = vectors.dot(vectors.flat_grad, vectors.d);
      if (slope > -toleranceChange) return slope > 0 ? "no descent" : "converged by change";
      const t = this.nIter === 1 ? Math.min(1, 1 / vectors.sumOfMagnitudes(vectors.flat_grad)) * lr : lr;
      vectors.x.set(vectors.p);
      if (lineSearchFn === "none" && i === maxIter) {
        this.#leap(t);
        return "out of iterations";
      }
      const after = yield* this.#whole(
        lineSearchFn === "none" ? this.#reach(closure, t, loss) : this.#search(closure, t, loss, slope, end),
      );
      if (after === undefined) return this.#met ? "not finite" : "no descent";
      if (vectors.largestGradient() <= toleranceGrad) return "converged by gradient";
      if (this.t * vectors.largestDirection() <= toleranceChange || Math.abs(after - loss) < toleranceChange)
        return "converged by change";
      if (i === maxIter) return "out of iterations";
      if (this.funcEvals >= end) return "out of evaluations";
      loss = after;
    }
  }

  /** The way of an iteration, which is taken back if it throws. */
  *#whole<R>(way: Generator<unknown, R>): Generator<unknown, R> {
    try {
      return yield* way;
    } catch (error) {
      this.#vectors.p.set(this.#vectors.x);
      this.t = 0;
      throw error;
    }
  }

  /** Takes up what the last iteration showed, and sets the direction of the next. */
  #direct(): void {
    const { aim, change, scale, d, flat_grad, prev_flat_grad } = this.#vectors;
    this.nIter++;
    if (this.nIter > 1) {
      change(1, -1);
      scale(this.t);
      this.history.push(prev_flat_grad, d);
    }
    aim(-1);
    this.history.apply();
    prev_flat_grad.set(flat_grad);
    // So that nothing is learnt from a step that is not made.
    this.t = 0;
    this.#met = false;
  }

  /** Goes as far as `t` without looking: the next step begins with that. */
  #leap(t: number): void {
    this.#vectors.advance(1, t);
    this.t = t;
    this.unseen = true;
  }

  /**
   * Goes as far as `t`, or half as far, and so on, until loss and gradient are finite and, once it is halved, the loss is at most `most`.
   * Returns the loss there; undefined, and back where it began, if there is no such point.
   */
  *#reach(closure: Closure, t: number, most: number): Generator<unknown, number | undefined> {
    this.t = t;
    for (let halvings = 0; halvings <= HALVINGS; halvings++) {
      const loss = yield* this.#visit(closure, this.t);
      if (loss !== undefined && (halvings === 0 || loss <= most)) return loss;
      this.t /= 2;
    }
    this.#vectors.p.set(this.#vectors.x);
    this.t = 0;
    return undefined;
  }

  /**
   * Goes to a point that satisfies the strong Wolfe conditions, `t` being tried first. Returns the loss there; undefined if nothing lower
   * was found.
   *
   * @param end of the evaluations
   */
  *#search(
    closure: Closure,
    t: number,
    loss: number,
    slope: number,
    end: number,
  ): Generator<unknown, number | undefined> {
    const { advance, ends, flat_grad, largestDirection, prev_flat_grad } = this.#vectors;
    const [a, b] = ends.map(siteWith);
    const start = { t: 0, loss, slope, g: prev_flat_grad };
    const trial = siteWith(flat_grad);
    const line = { start, trial, ends: [a, b], visit: (t: number) => this.#try(closure, t, trial) } as const;
    const found = yield* strongWolfe(line, t, largestDirection(), end - this.funcEvals);
    flat_grad.set(found.g);
    advance(1, found.t);
    this.t = found.t;
    // An lr of 0 is no search.
    return found.t === 0 && t > 0 ? undefined : found.loss;
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
    if (!this.#refuses(loss)) return this.#sign * loss;
    this.#met = true;
    return undefined;
  }

  /** The closure's loss at the parameters as they are. */
  *#evaluate(closure: Closure): Generator<unknown, number> {
    this.#weights.moved();
    this.funcEvals++;
    const loss: unknown = yield closure();
    this.#weights.checkSources(NAME);
    if (typeof loss !== "number")
      throw new TypeError(`${NAME}: the closure must return the loss, a number, or a promise of it, got ${show(loss)}`);
    this.#vectors.take(this.#sign);
    return loss;
  }

  /** Whether a loss or the gradient that came with it must not be used. */
  #refuses(loss: number): boolean {
    const { onNonFinite } = this.#options;
    if (onNonFinite === "ignore" || (Number.isFinite(loss) && this.#vectors.bears(this.#vectors.g))) return false;
    if (onNonFinite === "skip") return true;
    const bad = this.#parts.find(({ g }) => !this.#vectors.bears(g));
    const what = Number.isFinite(loss) && bad ? `the gradient of ${bad.name}` : "the loss";
    const how =
      bad?.g.every(Number.isFinite) && Number.isFinite(loss) ? "more than its history can bear" : "not finite";
    throw new Error(`${NAME}: ${what} is ${how} at step ${this.stepCount}`);
  }
}

const siteWith = (g: FloatArray): Site => ({ t: 0, loss: 0, slope: 0, g });
