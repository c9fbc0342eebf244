/** The optimizers that the tests loop over. */
import type { Optimizer } from "../src/index.ts";
import * as optimizers from "../src/optimizers/index.ts";
import * as keras from "../src/presets/keras/optimizers/index.ts";
import * as tfjs from "../src/presets/tfjs/index.ts";

export const own = Object.values(optimizers);
/** Other houses' definitions by our kernels. */
export const presets = [...new Set([...Object.values(keras), ...Object.values(tfjs)])].filter(
  (maker) => !(own as readonly unknown[]).includes(maker),
);
export const all = [...own, ...presets];

/** The name without the house: "adam" of "keras.adam". */
export const baseOf = (name: string): string => name.slice(name.indexOf(".") + 1);

type Floats = Readonly<Record<string, Float32Array | Float64Array>>;
type Make = <P extends Floats>(params: P, options?: object) => Optimizer<P>;

/** By the names of their specs: "adam", "keras.adam". */
export const makers = Object.fromEntries(all.map((maker) => [maker.spec.name, maker as unknown as Make])) as Readonly<
  Record<string, Make>
>;
