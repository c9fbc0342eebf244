import type { FloatArray } from "../backend.ts";
import { show } from "../options.ts";
import type { Weights } from "../weights.ts";
import { History } from "./history.ts";
import { NAME, type ResolvedLbfgs } from "./options.ts";
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
  readonly history: History;
  readonly #vectors: Vectors;
  readonly #parts: readonly Part[];
  readonly #weights: Weights;
  readonly #options: ResolvedLbfgs;
  readonly #maxEval: number;
  readonly #sign: 1 | -1;

  constructor(vectors: Vectors, parts: readonly Part[], weights: Weights, options: ResolvedLbfgs) {
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
    if (this.#refuses(loss)) {
      this.skipped++;
      return loss;
    }
    yield* this.#descend(closure, this.#sign * loss, lr);
    this.stepCount++;
    return loss;
  }

  *#descend(closure: Closure, first: number, lr: number): Generator<unknown, void> {
    const { maxIter, toleranceGrad, toleranceChange, lineSearchFn } = this.#options;
    const vectors = this.#vectors;
    const { p, x, d, flat_grad } = vectors;
    const end = this.funcEvals - 1 + this.#maxEval;
    let loss = first;
    for (let i = 1; !(vectors.largestGradient() <= toleranceGrad); i++) {
      this.#direct();
      const slope = vectors.dot(flat_grad, d);
      if (slope > -toleranceChange) return;
      const t = this.nIter === 1 ? Math.min(1, 1 / vectors.sumOfMagnitudes(flat_grad)) * lr : lr;
      x.set(p);
      let after: number | undefined;
      try {
        after = yield* lineSearchFn === "none"
          ? this.#go(closure, t, i === maxIter)
          : this.#search(closure, t, loss, slope, end - this.funcEvals);
      } catch (error) {
        p.set(x);
        throw error;
      }
      if (after === undefined || i === maxIter || this.funcEvals >= end) return;
      if (this.t * vectors.largestDirection() <= toleranceChange || Math.abs(after - loss) < toleranceChange) return;
      loss = after;
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
  }

  /** Goes as far as `t`. Returns the loss there; undefined if it is the last point or one to turn back from. */
  *#go(closure: Closure, t: number, last: boolean): Generator<unknown, number | undefined> {
    const { advance, p, x } = this.#vectors;
    if (last) {
      // The next step begins with looking at it.
      advance(1, t);
      this.t = t;
      return undefined;
    }
    const loss = yield* this.#visit(closure, t);
    if (loss === undefined) {
      this.skipped++;
      p.set(x);
      return undefined;
    }
    this.t = t;
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
    this.t = found.t;
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
    if (onNonFinite === "ignore" || (Number.isFinite(loss) && this.#vectors.allFinite(this.#vectors.g))) return false;
    if (onNonFinite === "skip") return true;
    const bad = this.#parts.find(({ g }) => !this.#vectors.allFinite(g));
    const what = Number.isFinite(loss) && bad ? `the gradient of ${bad.name}` : "the loss";
    throw new Error(`${NAME}: ${what} is not finite at step ${this.stepCount}`);
  }
}

const siteWith = (g: FloatArray): Site => ({ t: 0, loss: 0, slope: 0, g });
