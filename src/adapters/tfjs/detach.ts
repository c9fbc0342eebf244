import type { Tf, Variable } from "./tf.ts";

/** Gives a variable memory of its own with these values in it; whoever shared the old one keeps that as it is. */
export function detach(tf: Tf, variable: Variable, values: Float32Array): void {
  const alone = tf.tensor(values, [...variable.shape], "float32");
  variable.assign(alone);
  alone.dispose();
}
