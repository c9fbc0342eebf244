import type { FloatArray, Round } from "../common/types.ts";
import type { GradientTransform } from "../kernels/backend.ts";

/** out ← clamp(scale · g, floor, ceiling) + decay · p. The mirror of assembly/ops/gradient.ts. */
export function prepareGradient(
  out: FloatArray,
  g: FloatArray,
  p: FloatArray,
  prelude: Readonly<GradientTransform>,
  round: Round,
): void {
  const { scale, ceiling, floor, decay } = prelude;
  for (let i = 0; i < out.length; i++) {
    let grad = round(scale * g[i]);
    // Written so that a NaN comes through, as pmin and pmax do it.
    if (ceiling < grad) grad = ceiling;
    if (grad < floor) grad = floor;
    out[i] = decay === 0 ? grad : grad + round(decay * p[i]);
  }
}
