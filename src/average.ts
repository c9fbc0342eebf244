import type { FloatArray } from "./backend.ts";
import { between, check, checkKeys, count, fixed } from "./options.ts";
import type { Params } from "./params.ts";
import { gather, Shadow, type Shadowed, scatter, viewsIn } from "./shadow.ts";

/** A running average of an optimizer's parameters: `update()` after a step, `swap()` before and after an evaluation. */
export class Average {
  readonly #shadow: Shadow;
  readonly #params: readonly FloatArray[];
  readonly #weight: (n: number) => number;
  #count = 0;
  #swapped = false;

  /** @internal */
  constructor(optimizer: Shadowed<Params>, weight: (n: number) => number) {
    this.#shadow = new Shadow(optimizer);
    this.#params = viewsIn(optimizer.params);
    this.#weight = weight;
    gather(this.#shadow.own, this.#params);
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
    const { own, other } = this.#shadow;
    if (this.#count === 1) {
      gather(own, this.#params);
      return;
    }
    const weight = this.#weight(this.#count);
    gather(other, this.#params);
    this.#shadow.mix(1 - weight, weight);
  }

  /** Exchanges the parameters and the averages, bit for bit: once to evaluate with the averages, once more to go on. */
  swap(): void {
    const { own, other } = this.#shadow;
    gather(other, this.#params);
    scatter(own, this.#params);
    own.set(other);
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
  optimizer: Shadowed<P>,
  options: { readonly decay?: number | undefined } = {},
): Average {
  checkKeys("ema", options, ["decay"]);
  const { decay = 0.999 } = options;
  check("ema", "decay", fixed(between(0, 1, 0.999)), decay);
  return new Average(optimizer, () => 1 - decay);
}

/** The mean of all parameters that `update()` saw: stochastic weight averaging (Izmailov et al. 2018), torch's AveragedModel. */
export function swa<P extends Params>(optimizer: Shadowed<P>): Average {
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
  optimizer: Shadowed<P>,
  options: { readonly every?: number | undefined; readonly alpha?: number | undefined } = {},
): { update(): void } {
  checkKeys("lookahead", options, ["every", "alpha"]);
  const { every = 5, alpha = 0.5 } = options;
  check("lookahead", "every", fixed(count()), every);
  check("lookahead", "alpha", fixed(between(0, 1, 0.5)), alpha);
  const slow = new Shadow(optimizer);
  const params = viewsIn(optimizer.params);
  gather(slow.own, params);
  let steps = 0;
  return {
    update() {
      steps++;
      if (steps % every !== 0) return;
      gather(slow.other, params);
      slow.mix(1 - alpha, alpha);
      scatter(slow.own, params);
    },
  };
}
