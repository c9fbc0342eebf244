/** TensorFlow.js with both of its backends that run in Node. */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import type { adamw } from "../src/index.ts";
import { all as factories } from "./makers.ts";

export const tf = { ...core, ...layers };
export type Tf = typeof core;

// Its cpu backend advertises the native one when it is first written to in Node.
core.env().set("IS_NODE", false);
await core.setBackend("cpu");
core.scalar(0).dispose();
core.env().set("IS_NODE", true);

/** How the kernels get at the variables: in TensorFlow.js's wasm memory, by copies of that, or by copies of the cpu backend's arrays. */
export const ways = ["wasm", "copied wasm", "cpu"] as const;
export type Way = (typeof ways)[number];

/** Switches to the backend and gives the `tf` to make optimizers with. */
export async function on(way: Way): Promise<Tf> {
  await core.setBackend(way === "cpu" ? "cpu" : "wasm");
  await core.ready();
  return way === "copied wasm" ? { ...core, backend: withoutMemory } : core;
}

let hidden: ReturnType<Tf["backend"]> | undefined;

/** The wasm backend as it would be if it did not show its memory. */
function withoutMemory(): ReturnType<Tf["backend"]> {
  const backend = core.backend();
  if (!("wasm" in backend)) return backend;
  const wasm = Object.create(backend.wasm as object, { asm: { value: undefined }, wasmMemory: { value: undefined } });
  hidden ??= Object.create(backend, { wasm: { value: wasm } }) as ReturnType<Tf["backend"]>;
  return hidden;
}

/** Any optimizer of the table, with the options that all of them have. */
export type Maker = typeof adamw;
export const all = factories.map((factory) => ({
  name: factory.spec.name,
  maker: factory as unknown as Maker,
  decays: "weightDecay" in factory.spec.options,
}));

let count = 0;
/** A name that no variable has had. */
export const named = (name: string): string => `${name}-${count++}`;

export function variable(values: readonly number[], name = named("v"), shape = [values.length]): core.Variable {
  const initial = core.tensor([...values], shape, "float32");
  const made = core.variable(initial, true, name);
  initial.dispose();
  return made;
}

/** One step with these gradients. */
export function step(optimizer: core.Optimizer, ...gradients: (readonly [core.Variable, readonly number[]])[]): void {
  const list = gradients.map(([{ name, shape }, values]) => ({ name, tensor: core.tensor([...values], shape) }));
  optimizer.applyGradients(list);
  for (const { tensor } of list) tensor.dispose();
}

export const valuesOf = (tensor: core.Tensor): number[] => [...tensor.dataSync()];
