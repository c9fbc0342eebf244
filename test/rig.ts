/**
 * A group laid out by hand in a backend's memory: any element-aligned offset, every byte outside its arrays a canary. The public API
 * would put it on a 64-byte line; TensorFlow.js's heap will not.
 */

import { createBackend } from "../src/backends/index.ts";
import type { Dtype, FloatArray, Shape } from "../src/common/types.ts";
import { Group } from "../src/engine/group.ts";
import { mapped, plan, toPlace } from "../src/engine/layout.ts";
import { OptimizerDefinition } from "../src/engine/optimizer.ts";
import type { Spec } from "../src/engine/spec.ts";
import { globalStatsOf } from "../src/engine/stepper.ts";
import type { Backend, BackendName } from "../src/kernels/backend.ts";

const CANARY = 0xa5;
const GAP = 64;
const PAGE = 65536;
/** What lies in a gap, which is never longer. */
const canary = Buffer.alloc(2 * PAGE, CANARY);

/** A page of each backend: to make one anew costs more than most cases. */
const pages = new Map<BackendName, Backend>();

function memoryOf(name: BackendName, bytes: number): Backend {
  if (bytes > PAGE) return createBackend(name, bytes);
  const page = pages.get(name) ?? createBackend(name, PAGE);
  pages.set(name, page);
  return page;
}

/** One for all rigs of a spec, as there is for all its optimizers: its records would slow each other down. */
const kinds = new Map<Spec, OptimizerDefinition>();

function kindOf(spec: Spec): OptimizerDefinition {
  const kind = kinds.get(spec) ?? new OptimizerDefinition(spec);
  kinds.set(spec, kind);
  return kind;
}

export interface Rig {
  /** The update with 1-based number `t`, the gradients multiplied by `factor`. */
  update(t: number, factor: number): void;
  /** All arrays by name: `p`, `g`, the state slots. */
  readonly arrays: Readonly<Record<string, FloatArray>>;
  /** Bytes that are no longer what they were: outside the arrays, and of `g` by an update. */
  trespasses(): number;
}

/**
 * The last one of a backend: the next takes its memory.
 *
 * @param offset of every array from a 64-byte line, in elements
 */
export function rig(
  spec: Spec,
  options: Readonly<Record<string, unknown>>,
  { backend: name, dtype, shape, offset }: { backend: BackendName; dtype: Dtype; shape: Shape; offset: number },
): Rig {
  const kind = kindOf(spec);
  const tensor = { name: "x", shape, length: shape.reduce((a, b) => a * b, 1), source: undefined };
  const {
    plans: [planned],
  } = plan(spec, kind.hypers, [tensor], options, dtype, true);
  const Floats = dtype === "f32" ? Float32Array : Float64Array;
  const size = Floats.BYTES_PER_ELEMENT;
  const all = { ...planned.arrays, ...planned.slots, ...planned.shared };
  const stride = (length: number) => GAP + Math.ceil(((offset + length) * size) / 64) * 64;

  const bytes = Object.values(all).reduce((sum, length) => sum + stride(length), GAP);
  const backend = memoryOf(name, bytes);
  const memory = Buffer.from(backend.buffer).fill(CANARY);
  const gaps: { readonly start: number; readonly end: number }[] = [];
  let line = GAP;
  let end = 0;
  const fill: { readonly [slot: string]: number | undefined } = spec.fill?.(planned.options) ?? {};
  const carve = (length: number, slot: string): FloatArray => {
    const view = new Floats(backend.buffer, line + offset * size, length).fill(fill[slot] ?? 0);
    gaps.push({ start: end, end: view.byteOffset });
    end = view.byteOffset + view.byteLength;
    line += stride(length);
    return view;
  };
  const slots = mapped(planned.slots, carve);
  const place = toPlace(mapped(planned.arrays, carve), slots, mapped(planned.shared, carve));
  gaps.push({ start: end, end: memory.length });
  const g = bytesOf(place.g);
  const given = Buffer.alloc(g.length);
  let overwritten = 0;
  const { records } = kind;
  const group = new Group(spec, records, planned, place, records.carry(), backend, dtype);
  const globalStats = group.trainable ? globalStatsOf(spec, records, group.hypers) : undefined;
  return {
    update(t, factor) {
      g.copy(given);
      group.hypers.evaluate(t - 1);
      group.hypers.settle();
      group.prepare(factor);
      globalStats?.([group], t);
      group.descend(t);
      overwritten += changed(g, given);
    },
    arrays: { p: place.p, g: place.g, ...slots },
    trespasses: () =>
      gaps.reduce(
        (sum, { start, end }) => sum + changed(memory.subarray(start, end), canary.subarray(0, end - start)),
        overwritten,
      ),
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: FloatArray) => Buffer.from(buffer, byteOffset, byteLength);

/** How many bytes of two stretches of one length are not the same. */
function changed(bytes: Buffer, before: Buffer): number {
  if (bytes.equals(before)) return 0;
  return bytes.reduce((sum, byte, i) => sum + (byte === before[i] ? 0 : 1), 0);
}

/** How many elements are not the same number: −0 is not 0, any NaN is any other. */
export function differences(a: FloatArray, b: FloatArray): number {
  if (a.length === b.length && bytesOf(a).equals(bytesOf(b))) return 0;
  let count = a.length === b.length ? 0 : 1;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) count++;
  return count;
}
