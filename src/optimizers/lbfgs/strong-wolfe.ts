import type { FloatArray } from "../../common/types.ts";
import { HALVINGS } from "./options.ts";

/** A point of a line: how far along the direction it is, the loss there and its derivative along the direction. */
interface Point {
  t: number;
  loss: number;
  slope: number;
}

/** With the gradient there, in a vector of its own. */
export interface Site extends Point {
  readonly g: FloatArray;
}

export interface Line {
  /** Where the search begins: t is 0. */
  readonly start: Readonly<Site>;
  /** The point that was looked at last. */
  readonly trial: Site;
  /** Room for the ends of the interval that holds a point to be found. */
  readonly ends: readonly [Site, Site];
  /** Goes to `t` and fills in `trial`. */
  visit(t: number): Generator<unknown, void>;
}

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
/** Of an interval, in the parameter that changes most along it. */
const LEAST_WIDTH = 1e-9;

/**
 * Looks for a point that satisfies the strong Wolfe conditions (Nocedal & Wright, algorithms 3.5 and 3.6, with cubic interpolation), as
 * torch's lbfgs.py, which has it from minFunc. A point whose loss is Infinity and whose slope NaN is one that the search turns back from,
 * half way: where the first is one, until it comes to one that is none.
 *
 * @param t where to look first
 * @param reach the direction's largest magnitude
 * @param most points to look at after the first that can be used
 * @returns the point found, or the lowest seen
 */
export function* strongWolfe(
  { start, trial, ends, visit }: Line,
  t: number,
  reach: number,
  most: number,
): Generator<unknown, Site> {
  const [a, b] = ends;
  const tooHigh = () => trial.loss > start.loss + SUFFICIENT_DECREASE * trial.t * start.slope;
  const flat = () => Math.abs(trial.slope) <= -CURVATURE * start.slope;

  yield* visit(t);
  for (let i = 0; i < HALVINGS && mustTurnBack(trial); i++) yield* visit(trial.t / 2);
  move(a, start);
  let visits = 0;
  for (; visits < most; visits++) {
    // Not at once after the first: torch's condition.
    if (tooHigh() || (visits > 1 && trial.loss >= a.loss)) break;
    if (flat()) return trial;
    if (trial.slope >= 0) break;
    const further = cubicMinimum(a, trial, trial.t + 0.01 * (trial.t - a.t), 10 * trial.t);
    move(a, trial);
    yield* visit(further);
  }
  if (visits === most) move(a, start);
  move(b, trial);

  let low = lower(ends);
  let crept = false;
  for (; visits < most; visits++) {
    const [left, right] = a.t < b.t ? [a.t, b.t] : [b.t, a.t];
    if ((right - left) * reach < LEAST_WIDTH) break;
    const between: number = cubicMinimum(a, b, left, right);
    // Near an end for the second time running, or on it: a tenth of the interval away from it.
    const margin = 0.1 * (right - left);
    const near: boolean = Math.min(right - between, between - left) < margin;
    const pushed: boolean = near && (crept || between >= right || between <= left);
    crept = near && !pushed;
    yield* visit(pushed ? inside(between, left, right, margin) : between);

    const high = ends[1 - low];
    if (tooHigh() || trial.loss >= ends[low].loss) {
      move(high, trial);
      low = lower(ends);
      continue;
    }
    if (flat()) return trial;
    if (trial.slope * (high.t - ends[low].t) >= 0) move(high, ends[low]);
    move(ends[low], trial);
  }
  return ends[low];
}

const mustTurnBack = ({ loss, slope }: Point): boolean => loss === Infinity && Number.isNaN(slope);

/** Which of two points is the lower; the first if neither. */
const lower = ([a, b]: Line["ends"]): 0 | 1 => (a.loss <= b.loss ? 0 : 1);

const inside = (t: number, left: number, right: number, margin: number): number =>
  Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin;

function move(to: Site, { t, loss, slope, g }: Readonly<Site>): void {
  to.t = t;
  to.loss = loss;
  to.slope = slope;
  to.g.set(g);
}

/**
 * Where the cubic through two losses with their slopes is least, held to [from, to]; the middle of that if there is no such place.
 */
export function cubicMinimum(a: Point, b: Point, from: number, to: number): number {
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  // NaN if there is no minimum.
  const d2 = Math.sqrt(d1 * d1 - a.slope * b.slope);
  const t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Number.isNaN(t) ? (from + to) / 2 : Math.min(Math.max(t, from), to);
}
