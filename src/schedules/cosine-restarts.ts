import { atLeast, choice, finite, fixed, positive, required } from "../common/options.ts";
import { cospi } from "../math/cospi.ts";
import { lerp } from "../math/lerp.ts";
import { log2 } from "../math/log2.ts";
import { powOfLog2 } from "../math/pow.ts";
import { schedule } from "./core/closed-form.ts";

/**
 * Cosine decays one after the other, each `stepsFactor` times as long as the one before (SGDR, Loshchilov & Hutter 2016): torch's
 * CosineAnnealingWarmRestarts. Each peak is `peakFactor` times the one before, as with timm's cycle_decay, or it is so many times as high
 * above `end`, as with Keras's m_mul.
 *
 * Where a cycle begins is added up. torch, Keras and timm take a logarithm, whose rounding puts some restarts into the cycle before
 * (torch's formula 40 of 440) or an index early (Keras's 79); here the value at every restart is the peak, exactly, while the beginnings
 * are whole and below 2^53. A value costs as many additions as there are cycles before it, where `stepsFactor` is not 1: few, unless it is very
 * near.
 */
export const cosineRestarts = /* @__PURE__ */ schedule({
  name: "cosineRestarts",
  kernel: "cosineRestarts",
  formula:
    "end + (init · peakFactor^i − end) · (½ + ½ cos(π · q)), q of the way through cycle i of steps · stepsFactor^i",
  options: {
    init: required(finite(0)),
    end: fixed(finite(0)),
    steps: required(atLeast(1, 1)),
    stepsFactor: fixed(atLeast(1, 1)),
    peakFactor: fixed(positive(1)),
    /** What peakFactor multiplies: the peak or its height above end. */
    scales: choice("peak", "height"),
  },
  scalars: ["init", "end", "steps", "stepsFactor", "hi", "lo", "height"],
  constants({ init, end, steps, stepsFactor, peakFactor, scales }, c) {
    c.init = init;
    c.end = end;
    c.steps = steps;
    c.stepsFactor = stepsFactor;
    // 0 times a power that overflows would be NaN.
    log2(init === (scales === "height" ? end : 0) ? 1 : peakFactor, c);
    c.height = scales === "height" ? 1 : 0;
  },
  at(k, { init, end, steps, stepsFactor, hi, lo, height }) {
    let length = steps;
    let cycle = Math.floor(k / length);
    let begin = cycle * length;
    if (stepsFactor > 1) {
      cycle = 0;
      for (begin = 0; k >= begin + length && k < Infinity; cycle++) {
        begin += length;
        length *= stepsFactor;
      }
    }
    const amplitude = powOfLog2(hi, lo, cycle);
    const rest = cospi((k - begin) / length) * 0.5 + 0.5;
    return lerp(height === 0 ? init * amplitude : lerp(init, end, amplitude), end, rest);
  },
});
