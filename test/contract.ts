/** What the tests of the contract, which hold for every optimizer, have in common. */

import type { Optimizer } from "../src/index.ts";
import type { BackendName } from "../src/kernels/backend.ts";
import type { Arena } from "../src/memory/arena.ts";
import { all as makers } from "./makers.ts";

/** Any optimizer of the table, with the options that all of them have. */
export type Options = {
  readonly lr?: number | ((k: number) => number);
  readonly weightDecay?: number;
  readonly maximize?: boolean;
  readonly gradScale?: number;
  readonly clipValue?: number | ((k: number) => number);
  readonly clipTensorNorm?: number;
  readonly clipAdaptive?: number;
  readonly centralize?: boolean;
  readonly trainable?: boolean;
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly clipNorm?: number | ((k: number) => number);
  readonly onNonFinite?: "skip" | "throw" | "ignore";
  readonly inPlace?: boolean;
  readonly groups?: readonly (Options & {
    readonly match: string | RegExp | ((name: string, shape: readonly number[]) => boolean);
  })[];
  readonly dtype?: "f32" | "f64";
  readonly backend?: BackendName;
  readonly arena?: Arena;
};
export type Any = Optimizer<Readonly<Record<string, Float64Array | Float32Array | readonly number[]>>>;
export type Make = (
  params: Readonly<Record<string, Float64Array | Float32Array | readonly number[]>>,
  options?: Options,
) => Any;

export const backends: readonly BackendName[] = ["wasm", "plain"];
export const all = makers.flatMap((factory) =>
  backends.map((backend) => ({
    name: factory.spec.name,
    backend,
    make: factory as unknown as Make,
    decays: "weightDecay" in factory.spec.options,
    elementwise: !factory.spec.scaleGradient && !factory.spec.trustRatio,
  })),
);

/** Weight decay, where there is one. */
export const decayIf =
  (decays: boolean) =>
  (weightDecay: number): Options =>
    decays ? { weightDecay } : {};

/** Seven updates with gradients that the step number and the element decide. */
export function run(optimizer: Any, scale = 1): Any {
  for (let t = 0; t < 7; t++) {
    for (const [key, grad] of Object.entries(optimizer.grads))
      for (let i = 0; i < grad.length; i++)
        grad[i] = scale * Math.fround(((i * 7 + t * 3 + key.length) % 11) / 11 - 0.4);
    optimizer.step();
  }
  return optimizer;
}

export const start = () => ({ a: Float32Array.from([1, -2, 3, 0.5, -0.25]), bb: Float32Array.from([0.1, 0.2, 0.3]) });

/** A whole memory at once: vitest's own comparison takes a quarter of a second for one. */
export const sameBytes = (a: ArrayBufferLike, b: ArrayBufferLike) => Buffer.from(a).equals(Buffer.from(b));
