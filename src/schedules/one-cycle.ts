import { choice, count, finite, fixed, flag, positive, required, share } from "../common/options.ts";
import { after } from "./core/after.ts";
import { schedule } from "./core/closed-form.ts";
import { interpolated } from "./piecewise-interpolate.ts";

/**
 * Up from peak / div to `peak` and down to peak / (div · finalDiv) (Smith & Topin 2017), as torch's OneCycleLR: up to index
 * warmupFraction · steps − 1, which need not be whole, and down to steps − 1. With `threePhase` it comes down as it went up, to where it
 * began, and then goes out. torch extrapolates at k = steps and throws beyond; here `after` holds from steps − 1 on. optax's cosine
 * and linear one-cycles have whole boundaries and no − 1: they are a piecewiseInterpolate.
 */
export const oneCycle = /* @__PURE__ */ schedule({
  name: "oneCycle",
  kernel: "piecewiseInterpolate",
  formula: "peak / div to peak to peak / (div · finalDiv), by way of peak / div if threePhase",
  options: {
    peak: required(finite(0)),
    steps: required(count({ above: 1 })),
    warmupFraction: fixed(share(0.3)),
    div: fixed(positive(25)),
    finalDiv: fixed(positive(1e4)),
    shape: choice("cosine", "linear"),
    threePhase: flag(false),
    after: after(),
  },
  conflict: ({ threePhase, warmupFraction }) =>
    threePhase && warmupFraction > 0.5
      ? `warmupFraction must be ≤ 0.5 if threePhase, got ${warmupFraction}`
      : undefined,
  scalars: ["steps", "cosine"],
  constants({ steps, shape }, c) {
    c.steps = steps - 1;
    c.cosine = shape === "cosine" ? 1 : 0;
  },
  list({ peak, steps, warmupFraction, div, finalDiv, threePhase }) {
    const top = Math.max(warmupFraction * steps - 1, 0);
    const least = peak / div / finalDiv;
    if (!threePhase) return [top, steps - 1, peak / div, peak, least];
    return [top, Math.max(2 * warmupFraction * steps - 2, 0), steps - 1, peak / div, peak, peak / div, least];
  },
  after: ({ after }) => after,
  at: (k, { cosine }, list) => interpolated(k, cosine, list),
});
