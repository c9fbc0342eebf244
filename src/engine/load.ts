import { readOptions } from "../common/given.ts";
import { flag, type Options, resolve, show } from "../common/options.ts";
import type { FloatArray } from "../common/types.ts";
import type { Hyperparameters } from "./hyperparameters.ts";
import type { Runs } from "./runs.ts";
import { type LoadedTensor, otherKeys, otherLength, otherNames } from "./saved.ts";
import type { Spec } from "./spec.ts";

const options = {
  /** Whether all must fit. If not, what does is taken, and what does not is returned. */
  strict: flag(true),
};

export type LoadOptions = Options<typeof options>;

/** What a load left out, by the parameters' names. */
export interface Misfits {
  /** Not in what was saved. */
  readonly missing: readonly string[];
  /** In what was saved, and no parameters here. */
  readonly unexpected: readonly string[];
  /** In both, of another length or dtype or with another state. */
  readonly mismatched: readonly string[];
}

export function isStrict(owner: string, given: LoadOptions): boolean {
  const call = `${owner}: load`;
  return resolve(call, options, readOptions(call, given, Object.keys(options))).strict;
}

/** What of that which was saved is taken, by name, and what is not. */
export interface Fit<T> {
  readonly fitting: ReadonlyMap<string, T>;
  readonly misfits: Misfits;
}

/**
 * Compares what was saved with what there is.
 *
 * @param misfit what is wrong with what was saved for a parameter, if anything
 * @throws if `strict`, a TypeError or RangeError that says what does not fit
 */
export function fit<T>(
  owner: string,
  names: readonly string[],
  saved: ReadonlyMap<string, T>,
  strict: boolean,
  misfit: (name: string, saved: T) => Error | undefined,
): Fit<T> {
  const here = new Set(names);
  const missing = names.filter((name) => !saved.has(name));
  const unexpected = [...saved.keys()].filter((name) => !here.has(name));
  if (strict && missing.length + unexpected.length > 0) throw otherNames(owner, "parameters", names, [...saved.keys()]);
  const fitting = new Map<string, T>();
  const mismatched: string[] = [];
  for (const [name, tensor] of saved) {
    if (!here.has(name)) continue;
    const wrong = misfit(name, tensor);
    if (wrong && strict) throw wrong;
    if (wrong) mismatched.push(name);
    else fitting.set(name, tensor);
  }
  return { fitting, misfits: { missing, unexpected, mismatched } };
}

/** What of an optimizer's parameters is taken. */
export function fitTensors(
  { name: owner, globalStats, carry = {} }: Spec,
  runs: readonly Runs[],
  saved: ReadonlyMap<string, LoadedTensor>,
  strict: boolean,
): Fit<LoadedTensor> {
  const groups = new Map(runs.flatMap(({ whole }) => whole.members.map((member) => [member.name, { member, whole }])));
  const misfit = (name: string, tensor: LoadedTensor): Error | undefined => {
    const place = groups.get(name);
    if (!place) return undefined;
    const { member, whole } = place;
    return (
      otherArray(owner, name, tensor.param, member.p) ??
      (whole.trainable ? misfitState(owner, name, tensor, member.state) : undefined) ??
      otherKeys(owner, `carry of ${name}`, tensor.carry, Object.keys(carry)) ??
      misfitFirstLr(owner, name, tensor.firstLr, whole.hypers)
    );
  };
  const result = fit(owner, [...groups.keys()], saved, strict, misfit);
  if (globalStats) checkTogether(owner, result.fitting);
  for (const { whole } of runs)
    if (whole.hypers.firstLr !== undefined) checkFirstLr(owner, whole.members, result.fitting);
  return result;
}

/** What is wrong with an array that was saved, in the place of one like this. */
export const otherArray = (owner: string, what: string, saved: FloatArray, like: FloatArray): Error | undefined =>
  saved.BYTES_PER_ELEMENT === like.BYTES_PER_ELEMENT
    ? otherLength(owner, what, saved, like)
    : new TypeError(`${owner}: the saved ${what} must be a ${like.constructor.name}, got ${show(saved)}`);

/** What is wrong with what weight decay is relative to: it must be there if it is. */
export const misfitFirstLr = (
  owner: string,
  name: string,
  saved: number | undefined,
  { firstLr }: Pick<Hyperparameters, "firstLr">,
): Error | undefined =>
  firstLr !== undefined && saved === undefined
    ? new TypeError(`${owner}: the saved firstLr of ${name} must be a number for decay "schedule", got undefined`)
    : undefined;

type State = LoadedTensor["state"];

/** What is wrong with a parameter's state. What was frozen has none, and begins at its start. */
export function misfitState(
  owner: string,
  name: string,
  { step, state }: Pick<LoadedTensor, "step" | "state">,
  own: State,
): Error | undefined {
  if (step === 0 && Object.keys(state).length === 0) return undefined;
  const keys = otherKeys(owner, `state of ${name}`, state, Object.keys(own));
  if (keys) return keys;
  const wrong = Object.entries(own).map(([slot, x]) => otherArray(owner, `${slot} of ${name}`, state[slot], x));
  return wrong.find((error) => error !== undefined);
}

/** @throws RangeError unless the weight decay of a group's members is relative to the same lr */
function checkFirstLr(
  owner: string,
  members: readonly { readonly name: string }[],
  tensors: ReadonlyMap<string, LoadedTensor>,
): void {
  const loaded = members.flatMap(({ name }) => tensors.get(name) ?? []);
  const other = members.find(({ name }) => tensors.has(name) && tensors.get(name)?.firstLr !== loaded[0].firstLr);
  if (other)
    throw new RangeError(
      `${owner}: the saved firstLr of ${other.name} must be that of its group, ${loaded[0].firstLr}, got ${tensors.get(other.name)?.firstLr}`,
    );
}

/** @throws RangeError unless all carry the same */
function checkTogether(owner: string, tensors: ReadonlyMap<string, LoadedTensor>): void {
  const [first] = tensors.values();
  for (const [name, { carry }] of tensors)
    for (const [key, value] of Object.entries(carry))
      if (!Object.is(value, first.carry[key]))
        throw new RangeError(
          `${owner}: the saved ${key} of ${name} must be that of all, ${first.carry[key]}, got ${value}`,
        );
}

/**
 * Whether the parameters will be the weights to evaluate with.
 *
 * @throws RangeError if they were saved as such, and here there are no others or no way back
 */
export function evaluatingOf(
  { name: owner, evaluation }: Spec,
  runs: readonly Runs[],
  { fitting }: Fit<LoadedTensor>,
  { evaluating }: { readonly evaluating: boolean },
  strict: boolean,
): boolean {
  if (!evaluating) return false;
  const turned = (trainable: boolean) =>
    runs
      .filter(({ whole }) => whole.trainable === trainable)
      .flatMap(({ whole }) => whole.members)
      .find(({ name }) => (fitting.get(name)?.step ?? 0) > 0);
  const some = turned(true) !== undefined;
  if (!evaluation || (strict && !some))
    throw new RangeError(
      `${owner}: the saved evaluating must be false, for there are no other weights to evaluate with`,
    );
  const frozen = turned(false);
  if (frozen)
    throw new RangeError(
      `${owner}: ${frozen.name} is frozen, and was saved as it is to evaluate with: call train() before save()`,
    );
  return some;
}
