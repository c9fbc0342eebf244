import { show } from "../../common/options.ts";
import { elementsOf, isFunction, propertyOf } from "../../common/realm.ts";
import { countOf, firstLrOf } from "../../engine/saved.ts";
import type { NamedTensor, Tensor, Tf } from "./tf.ts";

// TensorFlow.js saves an optimizer as a list of named tensors in float32 or int32. Here: `iter`, which it asks for as the first, `skipped`,
// `lr` if that was set, as the codes of its JSON, and for each variable `<variable>/step`, `<variable>/firstLr` if its weight decay is relative
// to that, and `<variable>/<slot>`. A number that is carried from step to step, by a variable or by all of
// them together, is an f64, which float32 would round: its bits are two int32, as those of a count beyond int32.

/** What is kept for one variable. */
export interface VariableState {
  readonly steps: number;
  readonly slots: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;
  readonly carry: Readonly<Record<string, number>>;
  /** The lr that weight decay is relative to, where `decay` is "schedule". */
  readonly firstLr: number | undefined;
}

/** What is kept for all of them, by name. */
export interface OptimizerState {
  readonly iterations: number;
  readonly skipped: number;
  /** What the lr was set to, as it is saved. */
  readonly lr: unknown;
  /** What they carry together. */
  readonly carry: Readonly<Record<string, number>>;
  readonly variables: ReadonlyMap<string, VariableState>;
}

export function toTensors(tf: Tf, { iterations, skipped, lr, carry, variables }: OptimizerState): NamedTensor[] {
  const integers = (name: string, values: Int32Array, shape: number[]) => ({
    name,
    tensor: tf.tensor(values, shape, "int32"),
  });
  const bits = (name: string, value: number) => integers(name, new Int32Array(Float64Array.of(value).buffer), [2]);
  const count = (name: string, value: number) =>
    value === (value | 0) ? integers(name, Int32Array.of(value), []) : bits(name, value);
  const text = (name: string, value: string) =>
    integers(
      name,
      Int32Array.from(value, (_, i) => value.charCodeAt(i)),
      [value.length],
    );
  const ofVariables = [...variables].flatMap(([name, { steps, slots, carry, firstLr }]) => [
    count(`${name}/step`, steps),
    ...(firstLr === undefined ? [] : [bits(`${name}/firstLr`, firstLr)]),
    ...Object.entries(slots).map(([slot, { shape, values }]) => ({
      name: `${name}/${slot}`,
      tensor: tf.tensor(values.slice(), [...shape], "float32"),
    })),
    ...Object.entries(carry).map(([key, value]) => bits(`${name}/${key}`, value)),
  ]);
  const together = Object.entries(carry).map(([key, value]) => bits(key, value));
  const set = lr === null ? [] : [text("lr", JSON.stringify(lr))];
  return [count("iter", iterations), count("skipped", skipped), ...set, ...together, ...ofVariables];
}

const isNamed = (one: unknown): boolean =>
  typeof propertyOf(one, "name") === "string" && isFunction(propertyOf(propertyOf(one, "tensor"), "data"));

/** @throws TypeError or RangeError if the list is not one that `toTensors` made */
export async function fromTensors(owner: string, weights: readonly NamedTensor[]): Promise<OptimizerState> {
  const list = elementsOf(weights);
  const first = list ? propertyOf(list[0], "name") : weights;
  if (first !== "iter") throw new TypeError(`${owner}: the first of the weights must be iter, got ${show(first)}`);
  const odd = list?.findIndex((one) => !isNamed(one)) ?? -1;
  if (odd >= 0)
    throw new TypeError(`${owner}: weights[${odd}] must have a name and a tensor, got ${show(list?.[odd])}`);
  const read = await Promise.all(
    weights.map(async ({ name, tensor }) => ({ name, tensor, data: await tensor.data() })),
  );
  const counts: Record<string, number> = { iter: 0, skipped: 0 };
  const carry: Record<string, number> = {};
  const variables = new Map<string, VariableState>();
  let lr: unknown = null;
  for (const { name, tensor, data } of read) {
    const slash = name.lastIndexOf("/");
    const variable = name.slice(0, Math.max(slash, 0));
    if (slash >= 0) variables.set(variable, withTensor(owner, name, variables.get(variable), tensor, data));
    else if (Object.hasOwn(counts, name)) counts[name] = countOf(owner, name, fromIntegers(owner, name, data));
    else if (name === "lr") lr = fromText(owner, name, data);
    else carry[name] = fromIntegers(owner, name, data);
  }
  for (const [name, { steps }] of variables)
    if (steps > counts.iter)
      throw new RangeError(`${owner}: the saved ${name}/step must be at most iter, ${counts.iter}, got ${steps}`);
  return { iterations: counts.iter, skipped: counts.skipped, lr, carry, variables };
}

function integersOf(owner: string, name: string, data: unknown): Int32Array {
  if (data instanceof Int32Array) return data;
  throw new TypeError(`${owner}: the saved ${name} must be int32, got ${show(data)}`);
}

/** A count, or the bits of an f64. */
function fromIntegers(owner: string, name: string, data: unknown): number {
  const integers = integersOf(owner, name, data);
  if (integers.length === 1) return integers[0];
  if (integers.length === 2) return new Float64Array(integers.slice().buffer)[0];
  throw new RangeError(`${owner}: the saved ${name} must have 1 or 2 elements, got ${integers.length}`);
}

function fromText(owner: string, name: string, data: unknown): unknown {
  const text = Array.from(integersOf(owner, name, data), (code) => String.fromCharCode(code)).join("");
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError(`${owner}: the saved ${name} must be JSON, got ${show(text)}`);
  }
}

function withTensor(
  owner: string,
  name: string,
  state: VariableState = { steps: 0, slots: {}, carry: {}, firstLr: undefined },
  { dtype, shape }: Tensor,
  data: unknown,
): VariableState {
  const key = name.slice(name.lastIndexOf("/") + 1);
  if (dtype === "float32")
    return { ...state, slots: { ...state.slots, [key]: { shape, values: Float32Array.from(data as Float32Array) } } };
  const number = fromIntegers(owner, name, data);
  if (key === "step") return { ...state, steps: countOf(owner, name, number) };
  if (key === "firstLr") return { ...state, firstLr: firstLrOf(owner, name, number) };
  return { ...state, carry: { ...state.carry, [key]: number } };
}

/** A variable's name without the number that TensorFlow.js adds when there has been one of that name in the page. */
const stem = (name: string): string => name.replace(/(_\d+)+$/, "");

function byStem(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, string[]>();
  for (const name of names) {
    const key = stem(name);
    const list = lists.get(key);
    if (list) list.push(name);
    else lists.set(key, [name]);
  }
  return lists;
}

/**
 * Which saved variable is which of those that are there: the one of its name or, where TensorFlow.js has numbered names anew (a second
 * model in one page), the one of the same name but for the number, in order.
 */
export function counterparts(saved: readonly string[], present: readonly string[]): ReadonlyMap<string, string> {
  const savedByStem = byStem(saved);
  const pairs = [...byStem(present)].flatMap(([key, names]) => {
    const candidates = savedByStem.get(key) ?? [];
    const exact = new Set(candidates);
    const same = names.filter((name) => exact.has(name));
    if (same.length === Math.min(names.length, candidates.length)) return same.map((name) => [name, name] as const);
    return names.slice(0, candidates.length).map((name, i) => [name, candidates[i]] as const);
  });
  return new Map(pairs);
}
