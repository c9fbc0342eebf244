import { wasmIn } from "../../backends/wasm.ts";
import type { Backend } from "../../kernels/backend.ts";
import type { Ground, Operands, Room } from "./block.ts";
import { detach } from "./detach.ts";
import type { Tensor, Tf, Variable } from "./tf.ts";

/** As much of TensorFlow.js's wasm backend as is used; `wasm` and `dataIdMap` are not documented. */
interface HeapBackend {
  readonly wasm: {
    /** Its WebAssembly exports. The build with threads has `wasmMemory` in their place: it imports a memory that its threads share. */
    readonly asm?: { readonly memory?: unknown };
    readonly wasmMemory?: unknown;
    _malloc(bytes: number): number;
    _free(address: number): void;
    readonly tfjs: {
      registerTensor(id: number, size: number, address: number): void;
      disposeData(id: number): void;
    };
  };
  readonly dataIdMap: { get(dataId: object): { readonly id: number; readonly memoryOffset: number } };
  refCount(dataId: object): number;
}

function isHeap(backend: object): backend is HeapBackend {
  const { wasm, dataIdMap } = backend as Partial<HeapBackend>;
  const functions = [wasm?._malloc, wasm?._free, wasm?.tfjs?.registerTensor, wasm?.tfjs?.disposeData, dataIdMap?.get];
  return functions.every((f) => typeof f === "function");
}

/** The kernels in TensorFlow.js's own memory, with no copy of anything; undefined if they cannot get there. */
export function heapGround(tf: Tf, backend: object): Ground | undefined {
  if (!isHeap(backend)) return undefined;
  const memory = backend.wasm.asm?.memory ?? backend.wasm.wasmMemory;
  const kernels = memory instanceof WebAssembly.Memory ? kernelsIn(memory) : undefined;
  return kernels && { backend, inPlace: true, room: (owner, bytes) => heapRoom(tf, backend, kernels, owner, bytes) };
}

const instances = new WeakMap<WebAssembly.Memory, Backend | undefined>();

/** One instance a memory, however many optimizers there are. */
function kernelsIn(memory: WebAssembly.Memory): Backend | undefined {
  if (!instances.has(memory)) instances.set(memory, wasmIn(memory));
  return instances.get(memory);
}

function heapRoom(tf: Tf, backend: HeapBackend, kernels: Backend, owner: string, bytes: number): Room {
  const { wasm, dataIdMap } = backend;
  const addressOf = ({ dataId }: Tensor) => dataIdMap.get(dataId).memoryOffset;
  // A signed number beyond 2 GiB, and 0 when there is no memory left.
  const start = wasm._malloc(bytes) >>> 0;
  if (start === 0 && bytes > 0)
    throw new RangeError(`${owner}: TensorFlow.js's memory has no room for ${bytes} bytes of state`);
  return {
    kernels,
    start,
    claim(variable, gradient) {
      // To ask for a tensor moves it here.
      if (gradient) addressOf(gradient);
      addressOf(variable);
      if (backend.refCount(variable.dataId) > 1) detach(tf, variable, variable.dataSync() as Float32Array);
    },
    open(own, variable, gradient) {
      // Addresses change whenever TensorFlow.js likes, and the buffer when its memory grows.
      const { buffer } = kernels;
      const p = addressOf(variable);
      const g = gradient ? addressOf(gradient) : p;
      return isAt(own, buffer, p, g) ? own : operandsAt(variable, buffer, p, g);
    },
    close({ dataId, size }) {
      // XNNPACK works with packed copies of what it takes for constant, under the tensor's number: matrices, filters, biases.
      const { id, memoryOffset } = dataIdMap.get(dataId);
      wasm.tfjs.disposeData(id);
      wasm.tfjs.registerTensor(id, size, memoryOffset);
    },
    release: () => wasm._free(start),
  };
}

const isAt = ({ p, g }: Operands, buffer: ArrayBuffer, at: number, gradientAt: number): boolean =>
  p.buffer === buffer && p.byteOffset === at && g.byteOffset === gradientAt;

const operandsAt = ({ size }: Variable, buffer: ArrayBuffer, at: number, gradientAt: number): Operands => ({
  p: new Float32Array(buffer, at, size),
  g: new Float32Array(buffer, gradientAt, size),
});
