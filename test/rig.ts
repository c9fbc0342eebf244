/**
 * A group laid out by hand in a backend's memory: any element-aligned offset, every byte outside its arrays a canary. The public API
 * would put it on a 64-byte line; TensorFlow.js's heap will not.
 */
import type { BackendName, Dtype, FloatArray } from "../src/backend.ts";
import { createBackend } from "../src/backends/index.ts";
import { Group } from "../src/group.ts";
import { lengths, plan, toPlace } from "../src/layout.ts";
import { Kind } from "../src/optimizer.ts";
import type { Spec } from "../src/spec.ts";

const CANARY = 0xa5;
const GAP = 64;

export interface Rig {
  readonly group: Group;
  /** All arrays by name: `p`, `g`, the state slots. */
  readonly arrays: Readonly<Record<string, FloatArray>>;
  /** Bytes outside the arrays that are no longer what they were. */
  trespasses(): number;
}

/** @param offset of every array from a 64-byte line, in elements */
export function rig(
  spec: Spec,
  options: Readonly<Record<string, unknown>>,
  { backend: name, dtype, length, offset }: { backend: BackendName; dtype: Dtype; length: number; offset: number },
): Rig {
  const kind = new Kind(spec);
  // Rows where there can be some, so that what goes by rows has them.
  const shape = length % 3 === 0 && length > 0 ? [3, length / 3] : [length];
  const tensor = { name: "x", shape, length, source: undefined };
  const {
    plans: [planned],
  } = plan(spec, kind.hypers, [tensor], options, true);
  const Floats = dtype === "f32" ? Float32Array : Float64Array;
  const size = Floats.BYTES_PER_ELEMENT;
  const own = lengths(planned);
  const names = [...Object.keys(own), ...planned.slots];
  const lengthOf = (key: string) => own[key] ?? length;
  const stride = (key: string) => GAP + Math.ceil(((offset + lengthOf(key)) * size) / 64) * 64;

  const backend = createBackend(
    name,
    names.reduce((sum, key) => sum + stride(key), GAP),
  );
  const bytes = new Uint8Array(backend.buffer).fill(CANARY);
  const owned = new Uint8Array(bytes.length);
  let start = GAP;
  const carve = (key: string): FloatArray => {
    const view = new Floats(backend.buffer, start + offset * size, lengthOf(key)).fill(0);
    owned.fill(1, view.byteOffset, view.byteOffset + view.byteLength);
    start += stride(key);
    return view;
  };
  const all = Object.fromEntries(names.map((key) => [key, carve(key)]));
  const fill: { readonly [slot: string]: number | undefined } = spec.fill?.(planned.options) ?? {};
  const slots = Object.fromEntries(planned.slots.map((slot) => [slot, all[slot].fill(fill[slot] ?? 0)]));
  const place = toPlace(all, slots);
  return {
    group: new Group(spec, kind.records, planned, place, backend, dtype),
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
