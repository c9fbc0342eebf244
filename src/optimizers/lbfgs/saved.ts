import { show } from "../../common/options.ts";
import { elementsOf } from "../../common/realm.ts";
import { floatsOf, numberOf, type SavedNumber, savedFloats, savedNumber } from "../../common/saved-json.ts";
import { showNames } from "../../common/show.ts";
import type { Dtype, FloatArray } from "../../common/types.ts";
import { otherArray } from "../../engine/load.ts";
import { countOf, otherKeys, partOf, throwIf } from "../../engine/saved.ts";
import type { SavedLr } from "../../engine/saved-lr.ts";
import type { Iterations } from "./iterations.ts";
import { NAME } from "./options.ts";
import type { Vectors } from "./vectors.ts";

/** What a run of lbfgs needs to go on as if it had never stopped, but its options: plain data, also for JSON. */
export interface SavedLbfgs {
  readonly optimizer: "lbfgs";
  readonly dtype: Dtype;
  readonly stepCount: number;
  readonly skipped: number;
  /** What `lr` was set to. */
  readonly lr: SavedLr;
  readonly params: Readonly<Record<string, FloatArray>>;
  /** Under torch's names, each vector over all parameters one after the other. torch's `prev_loss` is never read. */
  readonly state: {
    readonly n_iter: number;
    readonly func_evals: number;
    readonly t: SavedNumber;
    readonly H_diag: SavedNumber;
    readonly d: FloatArray;
    /** Where the last iteration began, if it ended where the closure has not been called yet; else null. Not torch's. */
    readonly x: FloatArray | null;
    readonly prev_flat_grad: FloatArray;
    readonly old_dirs: readonly FloatArray[];
    readonly old_stps: readonly FloatArray[];
    readonly ro: readonly SavedNumber[];
  };
}

type State = SavedLbfgs["state"];

export function saveState({ d, x, prev_flat_grad }: Vectors, iterations: Iterations): State {
  const { history, nIter, funcEvals, t, unseen } = iterations;
  const pairs = Array.from({ length: history.count }, (_, i) => history.at(i));
  return {
    n_iter: nIter,
    func_evals: funcEvals,
    t: savedNumber(t),
    H_diag: savedNumber(history.H_diag),
    d: savedFloats(d),
    x: unseen ? savedFloats(x) : null,
    prev_flat_grad: savedFloats(prev_flat_grad),
    old_dirs: pairs.map(({ old_dir }) => savedFloats(old_dir)),
    old_stps: pairs.map(({ old_stp }) => savedFloats(old_stp)),
    ro: pairs.map(({ ro }) => savedNumber(ro)),
  };
}

/** The same, checked by itself, from either form. */
export interface LoadedState {
  readonly nIter: number;
  readonly funcEvals: number;
  readonly t: number;
  readonly H_diag: number;
  readonly d: FloatArray;
  readonly x: FloatArray | undefined;
  readonly prev_flat_grad: FloatArray;
  readonly pairs: readonly { readonly old_dir: FloatArray; readonly old_stp: FloatArray; readonly ro: number }[];
}

const KEYS = ["n_iter", "func_evals", "t", "H_diag", "d", "x", "prev_flat_grad", "old_dirs", "old_stps", "ro"];

/** Reads a state, whose vectors are of this dtype and whose history has at most so many pairs. */
export function stateOf(dtype: Dtype, saved: unknown, most: number): LoadedState {
  const given = { ...partOf(NAME, "state", saved) };
  throwIf(otherKeys(NAME, "state", given, KEYS));
  const nIter = countOf(NAME, "n_iter", given.n_iter);
  const ros = listOf("ro", given.ro);
  throwIf(longer(ros.length, most));
  const [dirs, stps] = (["old_dirs", "old_stps"] as const).map((key) => {
    const list = listOf(key, given[key]);
    if (list.length === ros.length) return list.map((x) => floatsOf(NAME, key, dtype, x));
    throw new RangeError(`${NAME}: the saved ${key} must have ${ros.length} elements as ro, got ${list.length}`);
  });
  if (ros.length > Math.max(nIter - 1, 0))
    throw new RangeError(`${NAME}: the saved ro must have fewer elements than n_iter, ${nIter}, got ${ros.length}`);
  return {
    nIter,
    funcEvals: countOf(NAME, "func_evals", given.func_evals),
    t: numberOf(NAME, "t", given.t),
    H_diag: numberOf(NAME, "H_diag", given.H_diag),
    d: floatsOf(NAME, "d", dtype, given.d),
    x: given.x === null ? undefined : floatsOf(NAME, "x", dtype, given.x),
    prev_flat_grad: floatsOf(NAME, "prev_flat_grad", dtype, given.prev_flat_grad),
    pairs: ros.map((ro, i) => ({ old_dir: dirs[i], old_stp: stps[i], ro: numberOf(NAME, "ro", ro) })),
  };
}

function listOf(key: string, given: unknown): readonly unknown[] {
  const list = elementsOf(given);
  if (list) return list;
  throw new TypeError(`${NAME}: the saved ${key} must be an array, got ${show(given)}`);
}

/** What is wrong with the order of parameters that were saved: the state's vectors go over all of them. */
export function otherOrder(names: readonly string[], saved: readonly string[]): Error | undefined {
  if (String(names) === String(saved)) return undefined;
  return new TypeError(
    `${NAME}: the saved parameters must be in the order ${showNames(names)}, got ${showNames(saved)}`,
  );
}

/** What is wrong with a state in the place of the vectors', if anything. */
export function misfitState({ d, pairs }: Vectors, state: LoadedState): Error | undefined {
  const long = longer(state.pairs.length, pairs.length);
  if (long) return long;
  const vectors = [
    ["d", state.d],
    ["x", state.x ?? d],
    ["prev_flat_grad", state.prev_flat_grad],
    ...state.pairs.map(({ old_dir }) => ["old_dirs", old_dir] as const),
    ...state.pairs.map(({ old_stp }) => ["old_stps", old_stp] as const),
  ] as const;
  return vectors.map(([key, x]) => otherArray(NAME, key, x, d)).find((error) => error !== undefined);
}

const longer = (length: number, most: number): Error | undefined =>
  length > most
    ? new RangeError(`${NAME}: the saved ro must have at most historySize = ${most} elements, got ${length}`)
    : undefined;

/** Takes up a state that fits; without one all begins anew. */
export function loadState(
  { d, x, prev_flat_grad }: Vectors,
  iterations: Iterations,
  state: LoadedState | undefined,
): void {
  const { history } = iterations;
  const { nIter = 0, funcEvals = 0, t = 0, H_diag = 1, pairs = [] } = state ?? {};
  if (state) {
    d.set(state.d);
    if (state.x) x.set(state.x);
    prev_flat_grad.set(state.prev_flat_grad);
  }
  history.clear();
  for (const { old_dir, old_stp, ro } of pairs) history.append(old_dir, old_stp, ro);
  history.H_diag = H_diag;
  Object.assign(iterations, { nIter, funcEvals, t, unseen: state?.x !== undefined, status: "no step yet" });
}
