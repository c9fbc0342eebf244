import { Arena, lines } from "./arena.ts";
import type { Dtype, FloatArray } from "./backend.ts";
import type { Optimizer } from "./optimizer.ts";
import { between, check, checkKeys, count, fixed } from "./options.ts";
import type { Params } from "./params.ts";
import { mixer, unlimited } from "./staged.ts";

type Any<P extends Params> = Pick<Optimizer<P, Dtype>, "params" | "dtype" | "backend">;

/** An optimizer's parameters side by side with a second set of the same size, in a memory of its own and on the same backend. */
class Shadow {
  readonly #views: readonly FloatArray[];
  readonly #own: FloatArray;
  readonly #copy: FloatArray;
  readonly #mix: ReturnType<typeof unlimited>;
  readonly #run: () => void;

  constructor(optimizer: Any<Params>) {
    const { dtype } = optimizer;
    this.#views = Object.values(optimizer.params as Readonly<Record<string, FloatArray>>);
    const length = this.#views.reduce((sum, view) => sum + view.length, 0);
    const Floats = dtype === "f32" ? Float32Array : Float64Array;
    const size = lines(length * Floats.BYTES_PER_ELEMENT);
    const arena = new Arena({ bytes: 2 * size + lines(1), backend: optimizer.backend });
    const start = arena.allocate("average", 2 * size + lines(1));
    const { buffer } = arena.kernels;
    this.#own = new Floats(buffer, start, length);
    this.#copy = new Floats(buffer, start + size, length);
    this.#mix = unlimited(new Floats(buffer, start + 2 * size, 4));
    this.#run = mixer(arena.kernels, dtype, this.#own, this.#own, this.#copy, this.#mix);
    this.take();
  }

  /** own ← parameters */
  take(): void {
    this.#fetch(this.#own);
  }

  /** own ← (1 − weight) · own + weight · parameters */
  blend(weight: number): void {
    this.#fetch(this.#copy);
    this.#mix.scale = 1 - weight;
    this.#mix.decay = weight;
    this.#run();
  }

  /** parameters ← own */
  give(): void {
    this.#store(this.#own);
  }

  /** Exchanges both, bit for bit. */
  swap(): void {
    this.#fetch(this.#copy);
    this.#store(this.#own);
    this.#own.set(this.#copy);
  }

  #fetch(into: FloatArray): void {
    let at = 0;
    for (let i = 0; i < this.#views.length; i++) {
      into.set(this.#views[i], at);
      at += this.#views[i].length;
    }
  }

  #store(from: FloatArray): void {
    let at = 0;
    for (let i = 0; i < this.#views.length; i++) {
      const view = this.#views[i];
      view.set(from.subarray(at, at + view.length));
      at += view.length;
    }
  }
}

/** A running average of an optimizer's parameters: `update()` after a step, `swap()` before and after an evaluation. */
export class Average {
  readonly #shadow: Shadow;
  readonly #weight: (n: number) => number;
  #count = 0;
  #swapped = false;

  /** @internal */
  constructor(optimizer: Any<Params>, weight: (n: number) => number) {
    this.#shadow = new Shadow(optimizer);
    this.#weight = weight;
  }

  /** Updates so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether the optimizer's parameters are the averages at present. */
  get swapped(): boolean {
    return this.#swapped;
  }

  /**
   * Takes the parameters as they are now into the average; the first time they are the average.
   *
   * @throws Error while they are swapped
   */
  update(): void {
    if (this.#swapped) throw new Error("average: swap back before the next update");
    this.#count++;
    if (this.#count === 1) this.#shadow.take();
    else this.#shadow.blend(this.#weight(this.#count));
  }

  /** Exchanges the parameters and the averages, bit for bit: once to evaluate with the averages, once more to go on. */
  swap(): void {
    this.#shadow.swap();
    this.#swapped = !this.#swapped;
  }
}

/**
 * An exponential moving average of the parameters: average ← decay · average + (1 − decay) · p, as torch's AveragedModel with
 * get_ema_multi_avg_fn.
 *
 * @param options `decay` in (0, 1), default 0.999
 */
export function ema<P extends Params>(
  optimizer: Any<P>,
  options: { readonly decay?: number | undefined } = {},
): Average {
  checkKeys("ema", options, ["decay"]);
  const { decay = 0.999 } = options;
  check("ema", "decay", fixed(between(0, 1, 0.999)), decay);
  return new Average(optimizer, () => 1 - decay);
}

/** The mean of all parameters that `update()` saw: stochastic weight averaging (Izmailov et al. 2018), torch's AveragedModel. */
export function swa<P extends Params>(optimizer: Any<P>): Average {
  return new Average(optimizer, (n) => 1 / n);
}

/**
 * Lookahead (Zhang et al. 2019): call `update()` after every step; at each `every`th the slow weights go `alpha` of the way to the
 * parameters, and the parameters back to them. The slow weights begin as the parameters are now, as in the paper and optax; timm's begin
 * at the first synchronisation.
 *
 * @param options `every` steps, default 5; `alpha` in (0, 1), default 0.5
 */
export function lookahead<P extends Params>(
  optimizer: Any<P>,
  options: { readonly every?: number | undefined; readonly alpha?: number | undefined } = {},
): { update(): void } {
  checkKeys("lookahead", options, ["every", "alpha"]);
  const { every = 5, alpha = 0.5 } = options;
  check("lookahead", "every", fixed(count()), every);
  check("lookahead", "alpha", fixed(between(0, 1, 0.5)), alpha);
  const slow = new Shadow(optimizer);
  let steps = 0;
  return {
    update() {
      steps++;
      if (steps % every !== 0) return;
      slow.blend(alpha);
      slow.give();
    },
  };
}
