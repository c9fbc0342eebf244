import { type Arena, lines } from "./arena.ts";
import type { Dtype, FloatArray } from "./backend.ts";
import { PIECE } from "./backends/pieces.ts";
import { Hypers, type HyperTable } from "./hypers.ts";
import { checkKeys, type Options, type OptionTable, type Resolved, resolve, show } from "./options.ts";
import type { Shape, Tensor } from "./params.ts";
import { type CommonOptions, decayOf, type Spec } from "./spec.ts";
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
  readonly slots: readonly string[];
  /** Elements of all members together. */
  readonly length: number;
  /** Elements of scratch. */
  readonly scratch: number;
  /** Elements of the gradient that a staged update prepares in full, and of the update where it is made by itself. */
  readonly gradient: number;
  readonly update: number;
}

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
  const { trainable, cautious } = options;
  const slots = trainable ? spec.slots(options) : [];
  const detaches = trainable === true && (cautious === true || spec.trust !== undefined);
  const stages = detaches || (trainable === true && (transforms(options) || spec.rescale !== undefined));
  const one = (members: readonly Tensor[]): Plan => {
    const length = members.reduce((sum, tensor) => sum + tensor.length, 0);
    const gradient = stages ? length : 0;
    const update = detaches ? length : 0;
    const scratch = trainable && !stages && prepares(spec, options, clipsNorm) ? Math.min(PIECE, length) : 0;
    return { members, options, hypers, slots, length, scratch, gradient, update };
  };
  // What is staged depends on a whole tensor, so that each is a group by itself.
  return stages ? members.map((tensor) => one([tensor])) : [one(members)];
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

/** The lengths of a group's arrays but its state, in the order in which they lie. */
export function lengths({ length, scratch, gradient, update }: Plan): Readonly<Record<string, number>> {
  return {
    p: length,
    g: length,
    scalars: WIDTH,
    prelude: PRELUDE,
    ...(scratch > 0 ? { scratch } : {}),
    ...(gradient > 0 ? { gradient, mix: PRELUDE } : {}),
    ...(update > 0 ? { update, apply: APPLY } : {}),
  };
}

/** Bytes that the groups take, every array on lines of its own. */
export function bytesOf(plans: readonly Plan[], dtype: Dtype): number {
  const all = plans.flatMap((plan) => [...Object.values(lengths(plan)), ...plan.slots.map(() => plan.length)]);
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
  return plans.map((plan) => {
    const fill = spec.fill?.(plan.options);
    const arrays = Object.fromEntries(Object.entries(lengths(plan)).map(([name, length]) => [name, carve(length)]));
    return toPlace(arrays, Object.fromEntries(plan.slots.map((slot) => [slot, carve(plan.length, fill?.[slot])])));
  });
}

/** A group's place from its arrays by name. */
export function toPlace(arrays: Readonly<Record<string, FloatArray>>, slots: Place["slots"]): Place {
  const { p, g, scalars, prelude, scratch, update, gradient, mix, apply } = arrays;
  return { p, g, slots, scalars, prelude, scratch, staged: gradient && { gradient, mix, update, apply } };
}
