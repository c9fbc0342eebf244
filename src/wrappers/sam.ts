import { allocated } from "../backends/index.ts";
import { readOptions } from "../common/given.ts";
import { runMaybeAsync } from "../common/maybe-async.ts";
import { fixed, nonNegative, type Options, resolve, show } from "../common/options.ts";
import { isFunction } from "../common/realm.ts";
import type { Weighted } from "../memory/param-guard.ts";
import { checkOptimizer } from "./wrapped.ts";

/** What `sam` makes. */
export interface Sam {
  /**
   * One step of two gradients. The closure fills `optimizer.grads` for the parameters as they are, and returns the loss or whatever it
   * likes, or a promise of it.
   *
   * @returns what the closure's first call, at the parameters themselves, returned
   * @throws what the closure or the optimizer's step throws, with the parameters as they were; Error if a step is under way or the
   *   parameters are not the weights to train
   */
  step<T>(closure: () => Promise<T>): Promise<T>;
  step<T>(closure: () => T): T;
}

/** An optimizer that can go uphill. */
export interface Climber extends Weighted {
  step(): void;
  /** @internal */
  climb(rho: number): void;
}

const options = {
  /** How far uphill the second gradient is taken. */
  rho: fixed(nonNegative(0.05)),
};

/**
 * Sharpness-aware minimisation (Foret et al. 2020) around any optimizer: it steps with the gradient found `rho` uphill of the
 * parameters, which are restored bit for bit before. Uphill is along the first gradient under `gradScale` and `maximize`, of what is not
 * frozen; clipping and whatever else is done to gradients is done to the second.
 *
 * @param given `rho`, the distance, ≥ 0, default 0.05
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function sam(optimizer: Climber, given: Options<typeof options> = {}): Sam {
  checkOptimizer("sam", optimizer);
  const { rho } = resolve("sam", options, readOptions("sam", given, Object.keys(options)));
  const { weights, dtype } = optimizer;
  weights.refuse("sam", "disposed");
  const Floats = dtype === "f32" ? Float32Array : Float64Array;
  const { length } = weights;
  const start = weights.cut(allocated("sam", length * Floats.BYTES_PER_ELEMENT, () => new Floats(length)));

  function* step(closure: () => unknown): Generator<unknown, unknown> {
    let loss: unknown;
    weights.check("sam");
    weights.checkSources("sam");
    weights.state = "stepping";
    weights.read(start);
    try {
      loss = yield closure();
      optimizer.climb(rho);
      yield closure();
    } finally {
      weights.write(start);
      weights.state = "training";
    }
    optimizer.step();
    return loss;
  }

  return {
    step(closure: () => unknown) {
      if (!isFunction(closure)) throw new TypeError(`sam: step() needs a closure, got ${show(closure)}`);
      return runMaybeAsync(step(closure)) as never;
    },
  };
}
