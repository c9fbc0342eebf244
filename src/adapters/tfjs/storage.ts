import type { Ground } from "./block.ts";
import { arrayGround, copiedHeapGround } from "./copies.ts";
import { heapGround } from "./heap.ts";
import type { Tf } from "./tf.ts";

/**
 * TensorFlow.js's present backend, known by what it has.
 *
 * @throws Error if it keeps its tensors where our kernels do not reach
 */
export function groundOf(owner: string, tf: Tf): Ground {
  const backend = tf.backend();
  const ground = heapGround(tf, backend) ?? copiedHeapGround(tf, backend) ?? arrayGround(tf, backend);
  if (ground) return ground;
  throw new Error(
    `${owner}: the "${tf.getBackend()}" backend keeps its tensors where only its own operations reach them, and to fetch them at every step would take longer than to train. Use await tf.setBackend("wasm") or "cpu", or an optimizer of tf.train.`,
  );
}
