import { schedule } from "../closed-form.ts";
import { cospi } from "../math/cospi.ts";
import { log2 } from "../math/log2.ts";
import { mix } from "../math/mix.ts";
import { powOfLog2 } from "../math/pow.ts";
import { atLeast, count, finite, fixed, flag, positive, required } from "../options.ts";

/**
 * Cosine decays one after the other, each `stepsFactor` times as long as the one before and `peakFactor` times as high (SGDR,
 * Loshchilov & Hutter 2016): torch's CosineAnnealingWarmRestarts, timm's cosine with cycle_mul and cycle_decay. `end` stays or, with
 * `scaleEnd`, shrinks with the peaks, as in Keras's CosineDecayRestarts.
 *
 * Where a cycle begins is added up. torch, Keras and timm take a logarithm, whose rounding puts some restarts a cycle too early
 * (torch's formula 40 of 440); here the value at every restart is the peak, exactly, while the beginnings are below 2^53.
 */
export const cosineRestarts = /* @__PURE__ */ schedule({
  name: "cosineRestarts",
  kernel: "cosineRestarts",
  formula:
    "end + (init · peakFactor^i − end) · (½ + ½ cos(π · q)), q of the way through cycle i of steps · stepsFactor^i",
  options: {
    init: required(finite(0)),
    end: fixed(finite(0)),
    steps: required(count()),
    stepsFactor: fixed(atLeast(1, 1)),
    peakFactor: fixed(positive(1)),
    scaleEnd: flag(false),
  },
  scalars: ["init", "end", "steps", "stepsFactor", "hi", "lo", "scaleEnd"],
  constants({ init, end, steps, stepsFactor, peakFactor, scaleEnd }, c) {
    c.init = init;
    c.end = end;
    c.steps = steps;
    c.stepsFactor = stepsFactor;
    // 0 times a power that overflows would be NaN.
    log2(init === 0 ? 1 : peakFactor, c);
    c.scaleEnd = scaleEnd ? 1 : 0;
  },
  at(k, { init, end, steps, stepsFactor, hi, lo, scaleEnd }) {
    let length = steps;
    let cycle = Math.floor(k / length);
    let begin = cycle * length;
    if (stepsFactor > 1) {
      cycle = 0;
      for (begin = 0; k >= begin + length; cycle++) {
        begin += length;
        length *= stepsFactor;
      }
    }
    const amplitude = powOfLog2(hi, lo, cycle);
    const rest = cospi((k - begin) / length) * 0.5 + 0.5;
    return mix(init * amplitude, scaleEnd === 0 ? end : end * amplitude, rest);
  },
});
