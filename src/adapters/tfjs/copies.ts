import { allocated, createBackend } from "../../backends/index.ts";
import type { Ground, Room } from "./block.ts";
import { detach } from "./detach.ts";
import type { Tensor, Tf, Variable } from "./tf.ts";

/** As much of TensorFlow.js's cpu backend as is used. */
interface ArrayBackend {
  readonly data: { get(dataId: object): { values: ArrayLike<number> } };
  refCount(dataId: object): number;
}

const isArrays = (backend: object): backend is ArrayBackend =>
  typeof (backend as Partial<ArrayBackend>).data?.get === "function";

/** How to read a tensor and to replace a variable's values. */
interface Store {
  read(tensor: Tensor): ArrayLike<number>;
  write(variable: Variable, values: Float32Array): void;
}

/**
 * TensorFlow.js's cpu backend. A step copies the values and gradients in and hands over a new array: the old one is what `dataSync` gave
 * to whoever asked, and must not change in their hands.
 */
export function arrayGround(tf: Tf, backend: object): Ground | undefined {
  if (!isArrays(backend)) return undefined;
  return copying(backend, {
    read: ({ dataId }) => backend.data.get(dataId).values,
    write(variable, values) {
      const { dataId } = variable;
      if (backend.refCount(dataId) > 1) detach(tf, variable, values.slice());
      else backend.data.get(dataId).values = values.slice();
    },
  });
}

/** The wasm backend where its memory is not to be found. */
export function copiedHeapGround(tf: Tf, backend: object): Ground | undefined {
  if (!("wasm" in backend)) return undefined;
  return copying(backend, {
    read: (tensor) => tensor.dataSync() as Float32Array,
    write: (variable, values) => detach(tf, variable, values),
  });
}

function copying(backend: object, { read, write }: Store): Ground {
  const room = (owner: string, bytes: number): Room => ({
    kernels: allocated(owner, bytes, () => createBackend("auto", bytes)),
    start: 0,
    claim() {},
    open(own, variable, gradient) {
      own.p.set(read(variable));
      if (gradient) own.g.set(read(gradient));
      return own;
    },
    close: (variable, p) => write(variable, p as Float32Array),
    release() {},
  });
  return { backend, inPlace: false, room };
}
