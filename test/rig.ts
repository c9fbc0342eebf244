/**
 * A group laid out by hand in a backend's memory: any element-aligned offset, every byte outside its arrays a canary. The public API
 * would put it on a 64-byte line; TensorFlow.js's heap will not.
 */
import type { BackendName, Dtype, FloatArray } from "../src/backend.ts";
import { createBackend } from "../src/backends/index.ts";
import { surveyOf } from "../src/descent.ts";
import { Group } from "../src/group.ts";
import { mapped, plan, toPlace } from "../src/layout.ts";
import { Kind } from "../src/optimizer.ts";
import type { Shape } from "../src/params.ts";
import type { Spec } from "../src/spec.ts";

const CANARY = 0xa5;
const GAP = 64;

export interface Rig {
  /** The update with 1-based number `t`, the gradients multiplied by `factor`. */
  update(t: number, factor: number): void;
  /** All arrays by name: `p`, `g`, the state slots. */
  readonly arrays: Readonly<Record<string, FloatArray>>;
  /** Bytes outside the arrays that are no longer what they were. */
  trespasses(): number;
}

/** @param offset of every array from a 64-byte line, in elements */
export function rig(
  spec: Spec,
  options: Readonly<Record<string, unknown>>,
  { backend: name, dtype, shape, offset }: { backend: BackendName; dtype: Dtype; shape: Shape; offset: number },
): Rig {
  const kind = new Kind(spec);
  const tensor = { name: "x", shape, length: shape.reduce((a, b) => a * b, 1), source: undefined };
  const {
    plans: [planned],
  } = plan(spec, kind.hypers, [tensor], options, true);
  const Floats = dtype === "f32" ? Float32Array : Float64Array;
  const size = Floats.BYTES_PER_ELEMENT;
  const all = { ...planned.arrays, ...planned.slots, ...planned.shared };
  const stride = (length: number) => GAP + Math.ceil(((offset + length) * size) / 64) * 64;

  const backend = createBackend(
    name,
    Object.values(all).reduce((sum, length) => sum + stride(length), GAP),
  );
  const bytes = new Uint8Array(backend.buffer).fill(CANARY);
  const owned = new Uint8Array(bytes.length);
  let start = GAP;
  const fill: { readonly [slot: string]: number | undefined } = spec.fill?.(planned.options) ?? {};
  const carve = (length: number, slot: string): FloatArray => {
    const view = new Floats(backend.buffer, start + offset * size, length).fill(fill[slot] ?? 0);
    owned.fill(1, view.byteOffset, view.byteOffset + view.byteLength);
    start += stride(length);
    return view;
  };
  const slots = mapped(planned.slots, carve);
  const place = toPlace(mapped(planned.arrays, carve), slots, mapped(planned.shared, carve));
  const { records } = kind;
  const group = new Group(spec, records, planned, place, records.carry(), backend, dtype);
  const survey = group.trainable ? surveyOf(spec, records, group.hypers) : undefined;
  return {
    update(t, factor) {
      group.hypers.evaluate(t - 1);
      group.hypers.settle();
      group.prepare(factor);
      survey?.([group], t);
      group.descend(t);
    },
    arrays: { p: place.p, g: place.g, ...slots },
    trespasses: () => bytes.reduce((sum, byte, i) => sum + (owned[i] === 0 && byte !== CANARY ? 1 : 0), 0),
  };
}

/** How many elements are not the same number: −0 is not 0, any NaN is any other. */
export function differences(a: FloatArray, b: FloatArray): number {
  let count = a.length === b.length ? 0 : 1;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) count++;
  return count;
}
