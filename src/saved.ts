import type { Dtype, FloatArray } from "./backend.ts";
import type { Group } from "./group.ts";
import { show } from "./options.ts";
import { typedArrayName } from "./realm.ts";

/** What a run needs to go on as if it had never stopped, but its options: plain data that structuredClone and postMessage take. */
export interface Saved {
  readonly optimizer: string;
  readonly dtype: Dtype;
  readonly stepCount: number;
  readonly skipped: number;
  /** Whether `params` were the weights to evaluate with. */
  readonly evaluating: boolean;
  readonly tensors: Readonly<Record<string, SavedTensor>>;
}

/** One parameter, its state under the names of `state()`, and the numbers that its group carries from step to step. */
export interface SavedTensor {
  readonly param: FloatArray;
  readonly state: Readonly<Record<string, FloatArray>>;
  readonly carry: Readonly<Record<string, number>>;
}

type Tensors = Saved["tensors"];

/** A copy of what the groups hold. */
export function saveTensors(groups: readonly Group[]): Tensors {
  const entries = groups.flatMap((group) =>
    group.members.map(({ name, p, state }) => {
      const copies = Object.entries(state).map(([slot, x]) => [slot, x.slice()]);
      return [name, { param: p.slice(), state: Object.fromEntries(copies), carry: group.numbers() }];
    }),
  );
  return Object.fromEntries(entries);
}

/** Throws unless it is what an optimizer of this name and dtype saved, and its counts are counts. */
export function checkHead(
  owner: string,
  dtype: Dtype,
  saved: Pick<Saved, "optimizer" | "dtype" | "stepCount" | "skipped">,
): void {
  checkOrigin(owner, dtype, saved, saved?.optimizer);
  checkSteps(owner, "stepCount", saved.stepCount);
  checkSteps(owner, "skipped", saved.skipped);
}

/** Throws unless it is what something of this name and dtype saved; `origin` is the name that it says. */
export function checkOrigin(owner: string, dtype: Dtype, saved: { readonly dtype: Dtype }, origin: unknown): void {
  if (typeof saved !== "object" || saved === null)
    throw new TypeError(`${owner}: what is loaded must be what save() gave, got ${show(saved)}`);
  if (origin !== owner || saved.dtype !== dtype)
    throw new TypeError(`${owner}: what is loaded must be of ${owner} in ${dtype}, got ${origin} in ${saved.dtype}`);
}

/** Throws unless `tensors` are those of the groups: every one, every slot, of the right length, each group's carrying the same. */
export function checkTensors(owner: string, groups: readonly Group[], tensors: Tensors): void {
  const all = groups.flatMap(({ members }) => members);
  sameKeys(
    owner,
    "parameters",
    tensors,
    all.map(({ name }) => name),
  );
  for (const { name, p, state } of all) {
    sameKeys(owner, `state of ${name}`, tensors[name].state, Object.keys(state));
    sameLength(owner, name, tensors[name].param, p);
    for (const [slot, x] of Object.entries(state))
      sameLength(owner, `${slot} of ${name}`, tensors[name].state[slot], x);
  }
  for (const { members, carried } of groups)
    for (const { name } of members) {
      sameKeys(owner, `carry of ${name}`, tensors[name].carry, carried);
      for (const key of carried)
        sameNumber(owner, `${key} of ${name}`, tensors[name].carry[key], tensors[members[0].name].carry[key]);
    }
}

/** Writes checked tensors to the groups. */
export function loadTensors(groups: readonly Group[], tensors: Tensors): void {
  for (const { members, carry } of groups)
    for (const { name, p, state } of members) {
      p.set(tensors[name].param);
      for (const [slot, x] of Object.entries(state)) x.set(tensors[name].state[slot]);
      Object.assign(carry, tensors[name].carry);
    }
}

/** Throws unless `given` has these keys. */
export function sameKeys(owner: string, what: string, given: unknown, keys: readonly string[]): void {
  if (typeof given !== "object" || given === null)
    throw new TypeError(`${owner}: the saved ${what} must be an object, got ${show(given)}`);
  const list = (names: readonly string[]) => [...names].sort().join(", ") || "none";
  if (list(Object.keys(given)) !== list(keys))
    throw new TypeError(`${owner}: the saved ${what} must be ${list(keys)}, got ${list(Object.keys(given))}`);
}

export function sameLength(owner: string, what: string, given: unknown, like: FloatArray): void {
  if (typedArrayName(given) !== typedArrayName(like))
    throw new TypeError(`${owner}: the saved ${what} must be a ${typedArrayName(like)}, got ${show(given)}`);
  const { length } = given as FloatArray;
  if (length !== like.length)
    throw new RangeError(`${owner}: the saved ${what} must have ${like.length} elements, got ${length}`);
}

function sameNumber(owner: string, what: string, given: unknown, first: number): void {
  if (typeof given !== "number")
    throw new TypeError(`${owner}: the saved ${what} must be a number, got ${show(given)}`);
  if (!Object.is(given, first))
    throw new RangeError(`${owner}: the saved ${what} must be its group's, ${first}, got ${given}`);
}

/** Throws unless `value` is a count. */
export function checkSteps(owner: string, key: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw new RangeError(`${owner}: the saved ${key} must be a whole number ≥ 0, got ${show(value)}`);
}
