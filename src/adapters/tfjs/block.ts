import type { FloatArray } from "../../common/types.ts";
import type { Backend } from "../../kernels/backend.ts";
import type { Tensor, Variable } from "./tf.ts";

/** A variable's values and its gradient's. */
export interface Operands {
  readonly p: FloatArray;
  readonly g: FloatArray;
}

/** A block of memory with the state of all variables, and the way from there to what TensorFlow.js holds. */
export interface Room {
  readonly kernels: Backend;
  /** Where the block begins. */
  readonly start: number;
  /** Sees to it that nothing else shares the variable's memory, and that what was on another backend is on this one. */
  claim(variable: Variable, gradient: Tensor | undefined): void;
  /**
   * What a variable's group has to work on now.
   *
   * @param own what it was bound to; the same if nothing has moved
   * @param gradient without one, `g` means nothing
   */
  open(own: Operands, variable: Variable, gradient: Tensor | undefined): Operands;
  /** Hands over what became of the variable. */
  close(variable: Variable, p: FloatArray): void;
  /** Gives the block back. */
  release(): void;
}

/** One of TensorFlow.js's backends, with a way to its tensors. */
export interface Ground {
  readonly backend: object;
  /** Whether kernels run where TensorFlow.js has variables and gradients, so that these take no place in a block. */
  readonly inPlace: boolean;
  /** @throws RangeError if there is no room for so many bytes */
  room(owner: string, bytes: number): Room;
}
