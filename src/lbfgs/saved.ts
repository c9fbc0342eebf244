import type { Dtype, FloatArray } from "../backend.ts";
import { show } from "../options.ts";
import { checkSteps, sameKeys, sameLength } from "../saved.ts";
import type { Iterations } from "./iterations.ts";
import type { Vectors } from "./vectors.ts";

/** What a run of lbfgs needs to go on as if it had never stopped, but its options: plain data. */
export interface SavedLbfgs {
  readonly optimizer: "lbfgs";
  readonly dtype: Dtype;
  readonly stepCount: number;
  readonly skipped: number;
  readonly params: Readonly<Record<string, FloatArray>>;
  /** Under torch's names, each vector over all parameters one after the other. torch's `prev_loss` is never read. */
  readonly state: {
    readonly n_iter: number;
    readonly func_evals: number;
    readonly t: number;
    readonly H_diag: number;
    readonly d: FloatArray;
    /** Where the last iteration began, if it ended where the closure has not been called yet; else null. Not torch's. */
    readonly x: FloatArray | null;
    readonly prev_flat_grad: FloatArray;
    readonly old_dirs: readonly FloatArray[];
    readonly old_stps: readonly FloatArray[];
    readonly ro: readonly number[];
  };
}

type State = SavedLbfgs["state"];

export function saveState({ d, x, prev_flat_grad }: Vectors, iterations: Iterations): State {
  const { history, nIter, funcEvals, t, unseen } = iterations;
  const pairs = Array.from({ length: history.count }, (_, i) => history.at(i));
  return {
    n_iter: nIter,
    func_evals: funcEvals,
    t,
    H_diag: history.H_diag,
    d: d.slice(),
    x: unseen ? x.slice() : null,
    prev_flat_grad: prev_flat_grad.slice(),
    old_dirs: pairs.map(({ old_dir }) => old_dir.slice()),
    old_stps: pairs.map(({ old_stp }) => old_stp.slice()),
    ro: pairs.map(({ ro }) => ro),
  };
}

const KEYS = ["n_iter", "func_evals", "t", "H_diag", "d", "x", "prev_flat_grad", "old_dirs", "old_stps", "ro"];

/** Throws unless `state` fits the vectors. */
export function checkState({ d, pairs }: Vectors, state: State): void {
  sameKeys("lbfgs", "state", state, KEYS);
  checkSteps("lbfgs", "n_iter", state.n_iter);
  checkSteps("lbfgs", "func_evals", state.func_evals);
  for (const key of ["t", "H_diag"] as const) checkNumber(key, state[key]);
  for (const key of ["d", "prev_flat_grad"] as const) sameLength("lbfgs", key, state[key], d);
  if (state.x !== null) sameLength("lbfgs", "x", state.x, d);
  for (const key of ["old_dirs", "old_stps", "ro"] as const)
    if (!Array.isArray(state[key]))
      throw new TypeError(`lbfgs: the saved ${key} must be an array, got ${show(state[key])}`);
  const { length } = state.ro;
  if (length > pairs.length)
    throw new RangeError(`lbfgs: the saved ro must have at most historySize = ${pairs.length} elements, got ${length}`);
  for (const key of ["old_dirs", "old_stps"] as const) {
    if (state[key].length !== length)
      throw new RangeError(`lbfgs: the saved ${key} must have ${length} elements as ro, got ${state[key].length}`);
    for (const x of state[key]) sameLength("lbfgs", key, x, d);
  }
  for (const ro of state.ro) checkNumber("ro", ro);
}

function checkNumber(key: string, value: unknown): void {
  if (typeof value !== "number") throw new TypeError(`lbfgs: the saved ${key} must be a number, got ${show(value)}`);
}

/** Takes up a checked state. */
export function loadState({ d, x, prev_flat_grad }: Vectors, iterations: Iterations, state: State): void {
  const { history } = iterations;
  d.set(state.d);
  if (state.x) x.set(state.x);
  prev_flat_grad.set(state.prev_flat_grad);
  history.clear();
  state.ro.forEach((ro, i) => {
    history.append(state.old_dirs[i], state.old_stps[i], ro);
  });
  history.H_diag = state.H_diag;
  const counts = { nIter: state.n_iter, funcEvals: state.func_evals, t: state.t };
  Object.assign(iterations, { ...counts, unseen: state.x !== null, status: "no step yet" });
}
