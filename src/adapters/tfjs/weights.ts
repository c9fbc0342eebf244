import { show } from "../../options.ts";
import type { NamedTensor, Tensor, Tf } from "./tf.ts";

// TensorFlow.js saves an optimizer as a list of named tensors in float32 or int32. Here: `iter`, which it asks for as the first, `skipped`,
// and for each variable `<variable>/step` and `<variable>/<slot>`. A number that is carried from step to step, by a variable or by all of
// them together, is an f64, which float32 would round: its bits are two int32.

/** What is kept for one variable. */
export interface VariableState {
  readonly steps: number;
  readonly slots: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;
  readonly carry: Readonly<Record<string, number>>;
}

/** What is kept for all of them, by name. */
export interface OptimizerState {
  readonly iterations: number;
  readonly skipped: number;
  /** What they carry together. */
  readonly carry: Readonly<Record<string, number>>;
  readonly variables: ReadonlyMap<string, VariableState>;
}

export function toTensors(tf: Tf, { iterations, skipped, carry, variables }: OptimizerState): NamedTensor[] {
  const integers = (name: string, values: Int32Array, shape: number[]) => ({
    name,
    tensor: tf.tensor(values, shape, "int32"),
  });
  const count = (name: string, value: number) => integers(name, Int32Array.of(value), []);
  const bits = (name: string, value: number) => integers(name, new Int32Array(Float64Array.of(value).buffer), [2]);
  const ofVariables = [...variables].flatMap(([name, { steps, slots, carry }]) => [
    count(`${name}/step`, steps),
    ...Object.entries(slots).map(([slot, { shape, values }]) => ({
      name: `${name}/${slot}`,
      tensor: tf.tensor(values.slice(), [...shape], "float32"),
    })),
    ...Object.entries(carry).map(([key, value]) => bits(`${name}/${key}`, value)),
  ]);
  const together = Object.entries(carry).map(([key, value]) => bits(key, value));
  return [count("iter", iterations), count("skipped", skipped), ...together, ...ofVariables];
}

/** @throws TypeError if the list is not one that `toTensors` made */
export async function fromTensors(owner: string, weights: readonly NamedTensor[]): Promise<OptimizerState> {
  if (weights[0]?.name !== "iter")
    throw new TypeError(`${owner}: the first of the weights must be iter, got ${show(weights[0]?.name)}`);
  const read = await Promise.all(
    weights.map(async ({ name, tensor }) => ({ name, tensor, data: await tensor.data() })),
  );
  const counts: Record<string, number> = { iter: 0, skipped: 0 };
  const carry: Record<string, number> = {};
  const variables = new Map<string, VariableState>();
  for (const { name, tensor, data } of read) {
    const slash = name.lastIndexOf("/");
    const variable = name.slice(0, Math.max(slash, 0));
    const key = name.slice(slash + 1);
    if (slash >= 0) variables.set(variable, withTensor(variables.get(variable), key, tensor, data));
    else if (key in counts) counts[key] = (data as Int32Array)[0];
    else carry[key] = fromBits(data as Int32Array);
  }
  return { iterations: counts.iter, skipped: counts.skipped, carry, variables };
}

const fromBits = (integers: Int32Array): number => new Float64Array(integers.slice(0, 2).buffer)[0];

function withTensor(
  { steps, slots, carry }: VariableState = { steps: 0, slots: {}, carry: {} },
  key: string,
  { dtype, shape }: Tensor,
  data: unknown,
): VariableState {
  if (dtype === "float32")
    return { steps, slots: { ...slots, [key]: { shape, values: Float32Array.from(data as Float32Array) } }, carry };
  const integers = data as Int32Array;
  if (key === "step") return { steps: integers[0], slots, carry };
  return { steps, slots, carry: { ...carry, [key]: fromBits(integers) } };
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
