import { type Arena, lines } from "./arena.ts";
import type { Dtype, FloatArray } from "./backend.ts";
import { PIECE } from "./backends/pieces.ts";
import { Hypers, type HyperTable } from "./hypers.ts";
import { checkKeys, type Options, type OptionTable, type Resolved, resolve, show } from "./options.ts";
import { type Matrix, matrixOf, type Shape, type Tensor } from "./params.ts";
import { type AnyMatrixRule, type CommonOptions, decayOf, type Spec } from "./spec.ts";
import type { StagedPlace } from "./staged.ts";

/** Which parameters a group takes: one by its name, several by a pattern or a predicate. */
export type Match = string | RegExp | ((name: string, shape: Shape) => boolean);

/** A group's own values for any of the optimizer's options. A parameter belongs to the first group that matches it. */
export type GroupOptions<O extends OptionTable> = Options<O & CommonOptions> & { readonly match: Match };

/** What one group will be. */
export interface Plan {
  readonly members: readonly Tensor[];
  readonly options: Resolved<OptionTable>;
  readonly hypers: Hypers;
  /** For a group of one tensor that is updated as a matrix. */
  readonly matrix: Matrix | undefined;
  /** The lengths of its arrays, in the order in which they lie, and of its state. */
  readonly arrays: Lengths;
  readonly slots: Lengths;
  /** The lengths of what it needs only while it is updated: the groups, one after the other, use the same memory for it. */
  readonly shared: Lengths;
}

type Lengths = Readonly<Record<string, number>>;

/** Scalars of the widest kernel, `a` to `l` of assembly/sweep.ts, and of the gradient's. */
const WIDTH = 11;
const PRELUDE = 4;
const APPLY = 2;

/** A group's place in memory. */
export interface Place {
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly slots: Readonly<Record<string, FloatArray>>;
  readonly scalars: FloatArray;
  readonly prelude: FloatArray;
  readonly scratch: FloatArray | undefined;
  readonly staged: StagedPlace | undefined;
  /** The scratch of a matrix rule. */
  readonly shared: Readonly<Record<string, FloatArray>>;
}

/** The groups, and every set of numeric options once: first the optimizer's own, whether a parameter is left for them or not. */
export interface Plans {
  readonly plans: readonly Plan[];
  readonly hypers: readonly Hypers[];
}

/** Deals the tensors out to the groups and checks every group's options. Nothing is allocated yet. */
export function plan(
  spec: Spec,
  table: HyperTable,
  tensors: readonly Tensor[],
  given: Readonly<Record<string, unknown>>,
  clipsNorm: boolean,
): Plans {
  const { name } = spec;
  const { groups = [] } = given;
  if (!Array.isArray(groups)) throw new TypeError(`${name}: groups must be an array, got ${show(groups)}`);
  const set = (own: Readonly<Record<string, unknown>>, prefix: string): OptionSet => {
    const options = resolve(name, table.options, own, prefix, given);
    const ownLr = own !== given && own.lr !== undefined;
    return { options, hypers: new Hypers(spec, table, options, prefix, ownLr), prefix };
  };
  const own = set(given, "");
  const rest = new Set(tensors);
  const dealt = groups.map((group, i) => {
    const prefix = `groups[${i}]`;
    if (typeof group !== "object" || group === null)
      throw new TypeError(`${name}: ${prefix} must be an object with match, got ${show(group)}`);
    checkKeys(`${name}: ${prefix}`, group, ["match", ...Object.keys(table.options)]);
    const matches = matcher(name, prefix, group.match);
    const members = [...rest].filter((tensor) => matches(tensor.name, tensor.shape));
    if (members.length === 0)
      throw new RangeError(
        `${name}: ${prefix}.match must match a parameter that no group before it has, got ${show(group.match)}`,
      );
    for (const tensor of members) rest.delete(tensor);
    return { members, set: set(group, `${prefix}.`) };
  });
  if (rest.size > 0) dealt.push({ members: [...rest], set: own });
  return {
    plans: dealt.flatMap(({ members, set }) => planGroup(spec, members, set, clipsNorm)),
    hypers: [...new Set([own, ...dealt.map(({ set }) => set)])].map(({ hypers }) => hypers),
  };
}

interface OptionSet {
  readonly options: Resolved<OptionTable>;
  readonly hypers: Hypers;
  readonly prefix: string;
}

function planGroup(
  spec: Spec,
  members: readonly Tensor[],
  { options, hypers, prefix }: OptionSet,
  clipsNorm: boolean,
): Plan[] {
  const conflict = spec.conflict?.(options);
  if (conflict) throw new RangeError(`${spec.name}: ${prefix.replace(/\.$/, ": ")}${conflict}`);
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

  const detaches = options.cautious === true || spec.trust !== undefined;
  const perTensor = detaches || transforms(options) || spec.rescale !== undefined;
  const one = (members: readonly Tensor[]): Plan => {
    const length = lengthOf(members);
    const slots = Object.fromEntries(spec.slots(options).map((slot) => [slot, length]));
    const stages = stagesOf(spec, length, perTensor, detaches);
    const scratch = !stages && prepares(spec, options, clipsNorm) ? { scratch: Math.min(PIECE, length) } : {};
    const arrays = { ...basic(members), ...scratch, ...stages?.arrays };
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
  hypers: Hypers,
): Plan {
  const matrix = matrixOf(tensor.shape);
  const stages = stagesOf(spec, tensor.length, true, true);
  const slots = rule.slots(matrix, options) as Lengths;
  const arrays = { ...basic([tensor]), ...stages?.arrays };
  const shared = { ...stages?.shared, ...rule.scratch?.(matrix, options) };
  return { members: [tensor], options, hypers, matrix, arrays, slots, shared };
}

const lengthOf = (members: readonly Tensor[]): number => members.reduce((sum, { length }) => sum + length, 0);

/** What every group has. */
function basic(members: readonly Tensor[]): Lengths {
  const length = lengthOf(members);
  return { p: length, g: length, scalars: WIDTH, prelude: PRELUDE };
}

/** What an update in stages needs, if this is one. A survey comes between the gradient and the update of any group. */
function stagesOf(
  { survey }: Spec,
  length: number,
  staged: boolean,
  detaches: boolean,
): { readonly arrays: Lengths; readonly shared: Lengths } | undefined {
  if (!staged && !survey) return undefined;
  const gradient = { gradient: length };
  return {
    arrays: { mix: PRELUDE, ...(detaches ? { apply: APPLY } : {}), ...(survey ? gradient : {}) },
    shared: { ...(survey ? {} : gradient), ...(detaches ? { update: length } : {}) },
  };
}

/** Whether these options change the gradient by what depends on the whole of its tensor. */
export const transforms = ({ centralize, clipTensorNorm, clipAdaptive }: Resolved<OptionTable>): boolean =>
  centralize === true || clipTensorNorm !== Infinity || clipAdaptive !== Infinity;

/** Whether these options can ever ask for a prepared gradient. */
function prepares(spec: Spec, options: Resolved<OptionTable>, clipsNorm: boolean): boolean {
  const { gradScale, clipValue, maximize, weightDecay = 0 } = options;
  const decays = decayOf(spec, options) === "coupled" && weightDecay !== 0;
  return clipsNorm || gradScale !== 1 || clipValue !== Infinity || maximize === true || decays;
}

function matcher(owner: string, prefix: string, match: unknown): (name: string, shape: Shape) => boolean {
  if (typeof match === "string") return (name) => name === match;
  // A global or sticky expression remembers where it was: search() does not.
  if (match instanceof RegExp) return (name) => name.search(match) >= 0;
  if (typeof match === "function") return (name, shape) => match(name, shape) === true;
  throw new TypeError(`${owner}: ${prefix}.match must be a name, a RegExp or a function, got ${show(match)}`);
}

const sizeOf = (dtype: Dtype): number => (dtype === "f32" ? 4 : 8);

/** The lengths of what the groups share: each as long as the longest. */
export function sharedOf(plans: readonly Plan[]): Lengths {
  const longest: Record<string, number> = {};
  for (const [name, length] of plans.flatMap(({ shared }) => Object.entries(shared)))
    longest[name] = Math.max(longest[name] ?? 0, length);
  return longest;
}

/** Bytes that the groups take, every array on lines of its own. */
export function bytesOf(plans: readonly Plan[], dtype: Dtype): number {
  const own = plans.flatMap(({ arrays, slots }) => [...Object.values(arrays), ...Object.values(slots)]);
  const all = [...own, ...Object.values(sharedOf(plans))];
  return all.reduce((sum, length) => sum + lines(length * sizeOf(dtype)), 0);
}

/** Carves the groups' arrays out of the arena from address `start` on: zeros, or what the spec fills a slot with. */
export function place(spec: Spec, plans: readonly Plan[], arena: Arena, start: number, dtype: Dtype): Place[] {
  const Floats = dtype === "f32" ? Float32Array : Float64Array;
  let at = start;
  const carve = (length: number, value = 0): FloatArray => {
    const view = new Floats(arena.kernels.buffer, at, length).fill(value);
    at += lines(view.byteLength);
    return view;
  };
  const shared = mapped(sharedOf(plans), (length) => carve(length));
  return plans.map((plan) => {
    const fill = spec.fill?.(plan.options);
    const arrays = mapped(plan.arrays, (length) => carve(length));
    const slots = mapped(plan.slots, (length, slot) => carve(length, fill?.[slot]));
    return toPlace(
      arrays,
      slots,
      mapped(plan.shared, (length, name) => shared[name].subarray(0, length)),
    );
  });
}

export function mapped<A, B>(record: Readonly<Record<string, A>>, f: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]));
}

/** A group's place from its arrays by name. */
export function toPlace(
  arrays: Readonly<Record<string, FloatArray>>,
  slots: Place["slots"],
  shared: Place["shared"],
): Place {
  const { p, g, scalars, prelude, scratch, mix, apply, gradient = shared.gradient } = arrays;
  const staged = mix && { gradient, mix, update: shared.update, apply };
  return { p, g, slots, scalars, prelude, scratch, staged, shared };
}
