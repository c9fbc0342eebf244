import { PIECE } from "../common/chunks.ts";
import { readOptions } from "../common/given.ts";
import {
  type Options,
  type OptionTable,
  type OwnOptions,
  ownKeys,
  type Resolved,
  resolve,
  show,
} from "../common/options.ts";
import { elementsOf, isArray, isPlainObject } from "../common/realm.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import { type Matrix, matrixOf } from "../common/types.ts";
import { LINE, lines } from "../memory/arena.ts";
import type { Tensor } from "../memory/tensors.ts";
import { NOISE } from "../ops/noise.ts";
import { Hyperparameters, type HyperparameterTable } from "./hyperparameters.ts";
import { type Match, matcher, unmatched } from "./match.ts";
import type { StagedPlace } from "./pipeline.ts";
import { type AnyMatrixRule, type CommonOptions, decayOf, type Spec } from "./spec.ts";

/** A group's own values for the optimizer's options. A parameter belongs to the first group that matches it. */
export type GroupOptions<O extends OptionTable> = Options<OwnOptions<O> & CommonOptions> & { readonly match: Match };

/** What one group will be. */
export interface Plan {
  readonly members: readonly Tensor[];
  readonly options: Resolved<OptionTable>;
  readonly hypers: Hyperparameters;
  /** For a group of one tensor that is updated as a matrix. */
  readonly matrix: Matrix | undefined;
  /** The lengths of its arrays, in the order in which they lie, and of its state. */
  readonly arrays: Lengths;
  readonly slots: Lengths;
  /** The lengths of what it needs only while it is updated: the groups, one after the other, use the same memory for it. */
  readonly shared: Lengths;
}

type Lengths = Readonly<Record<string, number>>;
type Views = Readonly<Record<string, FloatArray>>;

/** Scalars that the loop of assembly/elementwise.ts reads, `a` to `l`, however few its rule has. */
export const WIDTH = 11;

/** A group's place in memory. */
export interface Place {
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly slots: Readonly<Record<string, FloatArray>>;
  readonly scalars: FloatArray;
  readonly prelude: FloatArray;
  readonly scratch: FloatArray | undefined;
  readonly staged: StagedPlace | undefined;
  /** For weight decay that the kernel leaves to a pass of its own. */
  readonly shrink: FloatArray | undefined;
  /** The scratch of a matrix rule. */
  readonly shared: Readonly<Record<string, FloatArray>>;
}

/** The groups, and every set of numeric options once: first the optimizer's own, whether a parameter is left for them or not. */
export interface Plans {
  readonly plans: readonly Plan[];
  readonly hypers: readonly Hyperparameters[];
}

/** Deals the tensors out to the groups and checks every group's options. Nothing is allocated yet. */
export function plan(
  spec: Spec,
  table: HyperparameterTable,
  tensors: readonly Tensor[],
  given: Readonly<Record<string, unknown>>,
  dtype: Dtype,
  clipsNorm: boolean,
): Plans {
  const sets = optionSets(spec, table, given, dtype);
  const dealt = assignToGroups(spec.name, sets, tensors).filter(({ members }) => members.length > 0);
  return {
    plans: dealt.flatMap(({ members, set }) => planGroup(spec, members, set, clipsNorm)),
    hypers: sets.map(({ hypers }) => hypers),
  };
}

/** Options that a group's parameters share. */
export interface OptionSet {
  readonly options: Resolved<OptionTable>;
  readonly hypers: Hyperparameters;
  /** As the caller gave it; the optimizer's own options have none. */
  readonly match: unknown;
  /** Where the caller wrote them: "groups[0]", or "" for the optimizer's own. */
  readonly where: string;
  /** Whether the group takes a tensor, where that is more than a name. */
  readonly matches: ((tensor: Tensor) => boolean) | undefined;
}

/** The optimizer's own options and then each group's. */
export type OptionSets = readonly [OptionSet, ...OptionSet[]];

/** Checks all options. */
export function optionSets(
  spec: Spec,
  table: HyperparameterTable,
  given: Readonly<Record<string, unknown>>,
  dtype: Dtype,
): OptionSets {
  const { name } = spec;
  const { groups = [] } = given;
  const list = elementsOf(groups);
  if (list === undefined)
    throw new TypeError(
      `${name}: groups must be an array${isArray(groups) ? " without holes" : ""}, got ${show(groups)}`,
    );
  const set = (own: Readonly<Record<string, unknown>>, where: string): OptionSet => {
    const prefix = where && `${where}.`;
    const options = resolve(name, table.options, own, prefix, given);
    const conflict = spec.conflict?.(options);
    if (conflict) throw new RangeError(`${name}: ${where && `${where}: `}${conflict}`);
    const hypers = new Hyperparameters(spec, table, options, dtype, prefix, where !== "" && own.lr !== undefined);
    const matches = where === "" ? undefined : matcher(name, where, own.match);
    return { options, hypers, match: own.match, where, matches };
  };
  const own = set(given, "");
  const keys = ["match", ...ownKeys(table.options)];
  const others = list.map((group, i) => {
    const where = `groups[${i}]`;
    if (!isPlainObject(group))
      throw new TypeError(`${name}: ${where} must be an object with match, got ${show(group)}`);
    return set(readOptions(`${name}: ${where}`, group, keys), where);
  });
  return [own, ...others];
}

/**
 * What finds a tensor's set: that of the first group that matches, or the optimizer's own. Names are looked up, however many there are;
 * patterns and functions are asked in their order, those before the first group that has the tensor's name.
 */
export function setFinder([own, ...groups]: OptionSets): (tensor: Tensor) => OptionSet {
  const named = new Map<unknown, number>();
  const asked: number[] = [];
  groups.forEach(({ match, matches }, i) => {
    if (matches) asked.push(i);
    else if (!named.has(match)) named.set(match, i);
  });
  return (tensor) => {
    const end = named.get(tensor.name) ?? groups.length;
    for (const i of asked) {
      if (i > end) break;
      if (groups[i].matches?.(tensor)) return groups[i];
    }
    return groups[end] ?? own;
  };
}

/**
 * The tensors of each set.
 *
 * @throws RangeError if a group gets none
 */
export function assignToGroups(
  owner: string,
  sets: OptionSets,
  tensors: readonly Tensor[],
): { readonly set: OptionSet; readonly members: readonly Tensor[] }[] {
  const [own, ...groups] = sets;
  const setOf = setFinder(sets);
  const members = new Map<OptionSet, Tensor[]>(sets.map((set) => [set, []]));
  for (const tensor of tensors) members.get(setOf(tensor))?.push(tensor);
  const dealt = [...groups, own].map((set) => ({ set, members: members.get(set) ?? [] }));
  const idle = dealt.find(({ set, members }) => set !== own && members.length === 0);
  if (!idle) return dealt;
  const { where, match } = idle.set;
  const names = tensors.map(({ name }) => name);
  throw new RangeError(`${owner}: ${where}.match ${unmatched(match, names)}`);
}

/** One group of all members, or one a member. */
export function planGroup(
  spec: Spec,
  members: readonly Tensor[],
  { options, hypers }: OptionSet,
  clipsNorm: boolean,
): Plan[] {
  const frozen = options.trainable !== true;
  const { matrix } = spec;
  const isMatrix = ({ shape, length }: Tensor) =>
    !frozen && shape.length > 1 && length > 0 && matrix?.applies(shape, options) === true;
  const matrices = matrix
    ? members.filter(isMatrix).map((tensor) => planMatrix(spec, matrix, tensor, options, hypers))
    : [];
  const rest = members.filter((tensor) => !isMatrix(tensor));
  if (rest.length === 0) return matrices;
  if (frozen)
    return [{ members: rest, options, hypers, matrix: undefined, arrays: basic(rest), slots: {}, shared: {} }];

  const detaches = options.cautious === true || spec.trustRatio !== undefined;
  const perTensor = detaches || transforms(options) || spec.scaleGradient !== undefined;
  const one = (members: readonly Tensor[]): Plan => {
    const length = lengthOf(members);
    const slots = Object.fromEntries(spec.slots(options).map((slot) => [slot, length]));
    const stages = stagesOf(spec, options, length, perTensor, detaches);
    const scratch = !stages && prepares(spec, options, clipsNorm) ? { scratch: Math.min(PIECE, length) } : {};
    const shrink = shrinks(spec, options) ? { shrink: WIDTH } : {};
    const arrays = { ...basic(members), ...scratch, ...shrink, ...stages?.arrays };
    return { members, options, hypers, matrix: undefined, arrays, slots, shared: stages?.shared ?? {} };
  };
  // What depends on a whole tensor makes each a group by itself.
  return [...matrices, ...(perTensor ? rest.map((tensor) => one([tensor])) : [one(rest)])];
}

/** The plan of a tensor that goes as a matrix. */
function planMatrix(
  spec: Spec,
  rule: AnyMatrixRule,
  tensor: Tensor,
  options: Resolved<OptionTable>,
  hypers: Hyperparameters,
): Plan {
  const matrix = matrixOf(tensor.shape);
  const stages = stagesOf(spec, options, tensor.length, true, true);
  const slots = rule.slots(matrix, options) as Lengths;
  const arrays = { ...basic([tensor]), ...stages?.arrays };
  const shared = { ...stages?.shared, ...rule.scratch?.(matrix, options) };
  return { members: [tensor], options, hypers, matrix, arrays, slots, shared };
}

const lengthOf = (members: readonly Tensor[]): number => members.reduce((sum, { length }) => sum + length, 0);

/** What every group has. */
function basic(members: readonly Tensor[]): Lengths {
  const length = lengthOf(members);
  return { p: length, g: length, scalars: WIDTH, prelude: WIDTH };
}

/** What an update in stages needs, if this is one. Global statistics come between the gradient and the update of any group. */
function stagesOf(
  { globalStats }: Spec,
  { gradNoise }: Resolved<OptionTable>,
  length: number,
  staged: boolean,
  detaches: boolean,
): { readonly arrays: Lengths; readonly shared: Lengths } | undefined {
  if (!staged && !globalStats) return undefined;
  const gradient = { gradient: length };
  return {
    arrays: {
      mix: WIDTH,
      ...(gradNoise !== 0 ? { noise: NOISE } : {}),
      ...(detaches ? { apply: WIDTH } : {}),
      ...(globalStats ? gradient : {}),
    },
    shared: { ...(globalStats ? {} : gradient), ...(detaches ? { update: length } : {}) },
  };
}

/** Whether these options change the gradient by what depends on the whole of its tensor, or by what belongs to that alone. */
export const transforms = ({ centralize, clipTensorNorm, clipAdaptive, gradNoise }: Resolved<OptionTable>): boolean =>
  centralize === true || clipTensorNorm !== Infinity || clipAdaptive !== Infinity || gradNoise !== 0;

/** Whether these options can ever ask for a prepared gradient. */
function prepares(spec: Spec, options: Resolved<OptionTable>, clipsNorm: boolean): boolean {
  const { gradScale, clipValue, maximize, weightDecay = 0 } = options;
  const decays = decayOf(spec, options) === "coupled" && weightDecay !== 0;
  return clipsNorm || gradScale !== 1 || clipValue !== Infinity || maximize === true || decays;
}

/** Whether these options shrink the parameter, and the kernel does not. */
function shrinks(spec: Spec, options: Resolved<OptionTable>): boolean {
  return decayOf(spec, options) === "decoupled" && options.weightDecay !== 0 && !spec.scalars.includes("shrink");
}

const sizeOf = (dtype: Dtype): number => (dtype === "f32" ? 4 : 8);

/** Where groups lie: first what they share, each array as long as the longest that any needs, then every group's own arrays and state. */
export interface Block {
  readonly bytes: number;
  readonly shared: Lengths;
  /** Where each group's own begins, from the beginning of the block. */
  readonly starts: readonly number[];
}

/** @param elsewhere arrays that lie outside of the block */
export function blockOf(plans: readonly Plan[], dtype: Dtype, elsewhere: readonly string[] = []): Block {
  const shared: Record<string, number> = {};
  for (const plan of plans)
    for (const name of Object.keys(plan.shared)) shared[name] = Math.max(shared[name] ?? 0, plan.shared[name]);
  let bytes = bytesOf(shared, dtype);
  const starts = plans.map((plan) => {
    const start = bytes;
    bytes += bytesOf(ownOf(plan, elsewhere), dtype);
    return start;
  });
  return { bytes, shared, starts };
}

function ownOf({ arrays, slots }: Plan, elsewhere: readonly string[]): Lengths {
  if (elsewhere.length === 0) return { ...arrays, ...slots };
  const here = Object.entries(arrays).filter(([name]) => !elsewhere.includes(name));
  return { ...Object.fromEntries(here), ...slots };
}

/**
 * How far the array after one of so many bytes lies: on lines of its own and one more. Without that, arrays as long as a power of two lie
 * a multiple of 4096 bytes apart, and a processor that compares the low bits of addresses first has the load from one wait for the store
 * to another: 3 to 5 % of Adam's step, and of Lion's and Adan's.
 */
const pitch = (bytes: number): number => lines(bytes) + LINE;

/** Bytes that arrays take, every one on lines of its own. */
export function bytesOf(lengths: Lengths, dtype: Dtype): number {
  let bytes = 0;
  for (const name of Object.keys(lengths)) bytes += pitch(lengths[name] * sizeOf(dtype));
  return bytes;
}

/** Views of arrays that lie one after the other from address `start` on. */
export function viewsAt(lengths: Lengths, buffer: ArrayBuffer, start: number, dtype: Dtype): Views {
  const Floats = dtype === "f32" ? Float32Array : Float64Array;
  const views: Record<string, FloatArray> = {};
  let at = start;
  for (const name of Object.keys(lengths)) {
    const view = new Floats(buffer, at, lengths[name]);
    views[name] = view;
    at += pitch(view.byteLength);
  }
  return views;
}

/** One group's place, whose own begins at address `start`. */
export function placeAt(
  plan: Plan,
  buffer: ArrayBuffer,
  start: number,
  dtype: Dtype,
  shared: Views,
  elsewhere: Views = {},
): Place {
  const own = viewsAt(ownOf(plan, Object.keys(elsewhere)), buffer, start, dtype);
  return toPlace(
    { ...own, ...elsewhere },
    mapped(plan.slots, (_, slot) => own[slot]),
    mapped(plan.shared, (length, name) => shared[name].subarray(0, length)),
  );
}

/** The places of all groups in a block at address `start`, set to zeros or what the spec fills a slot with. */
export function allocate(
  spec: Spec,
  plans: readonly Plan[],
  { bytes, shared, starts }: Block,
  buffer: ArrayBuffer,
  start: number,
  dtype: Dtype,
  elsewhere: Views = {},
): Place[] {
  new Uint8Array(buffer, start, bytes).fill(0);
  const views = viewsAt(shared, buffer, start, dtype);
  return plans.map((plan, i) => {
    const place = placeAt(plan, buffer, start + starts[i], dtype, views, elsewhere);
    const fill = spec.fill?.(plan.options) ?? {};
    for (const [slot, view] of Object.entries(place.slots)) view.fill(fill[slot] ?? 0);
    return place;
  });
}

export function mapped<A, B>(record: Readonly<Record<string, A>>, f: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]));
}

/** A group's place from its arrays by name. */
export function toPlace(arrays: Views, slots: Views, shared: Views): Place {
  const { p, g, scalars, prelude, scratch, shrink, mix, noise, apply, gradient = shared.gradient } = arrays;
  const staged = mix && { gradient, mix, noise, update: shared.update, apply };
  return { p, g, slots, scalars, prelude, scratch, shrink, staged, shared };
}
