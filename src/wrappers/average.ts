import { readOptions } from "../common/given.ts";
import { between, count, fixed, type Options, resolve } from "../common/options.ts";
import type { Arena } from "../memory/arena.ts";
import type { Weighted } from "../memory/param-guard.ts";
import { type ArenaOption, TrackedWeights } from "./tracked-weights.ts";

/** A running average of an optimizer's parameters: `update()` after a step, `swap()` before and after an evaluation. */
export class Average extends TrackedWeights {
  readonly #weight: (n: number) => number;
  #swapped = false;

  /** @internal */
  constructor(name: string, optimizer: Weighted, weight: (n: number) => number, arena: Arena | undefined) {
    super(name, optimizer, arena);
    this.#weight = weight;
  }

  /** Whether the optimizer's parameters are the averages at present. */
  get swapped(): boolean {
    return this.#swapped;
  }

  /**
   * Takes the parameters as they are now into the average; the first time they are the average.
   *
   * @throws Error unless they are the weights to train
   */
  update(): void {
    const n = this.advance();
    if (n === 1) this.weights.read(this.ownParts);
    else this.approach(this.#weight(n));
  }

  /**
   * Exchanges the parameters and the averages, bit for bit: once to evaluate with the averages, once more to go on. In between, all else
   * that would move the parameters, average or save them throws.
   *
   * @throws Error unless the parameters are the weights to train, or these averages
   */
  swap(): void {
    this.live();
    this.weights.check(this.name, this.#swapped ? "swapped" : "training");
    this.weights.checkSources(this.name);
    this.together();
    this.weights.read(this.otherParts);
    this.weights.write(this.ownParts);
    this.own.set(this.other);
    this.#swapped = !this.#swapped;
    this.weights.state = this.#swapped ? "swapped" : "training";
  }

  /** @throws Error while the parameters are these averages */
  override dispose(): void {
    if (this.#swapped) this.weights.check(this.name, "disposed");
    super.dispose();
  }
}

const emaOptions = {
  /** What of the average stays at an update. */
  decay: fixed(between(0, 1, 0.999)),
};

/**
 * An exponential moving average of the parameters: average ← average + (1 − decay) · (p − average), as torch's AveragedModel with
 * get_ema_multi_avg_fn.
 *
 * @param given `decay` in (0, 1), default 0.999
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function ema(optimizer: Weighted, given: Options<typeof emaOptions> & ArenaOption = {}): Average {
  const options = readOptions("ema", given, ["decay", "arena"]);
  const { decay } = resolve("ema", emaOptions, options);
  return new Average("ema", optimizer, () => 1 - decay, options.arena);
}

/** The mean of all parameters that `update()` saw: stochastic weight averaging (Izmailov et al. 2018), torch's AveragedModel. */
export function swa(optimizer: Weighted, given: ArenaOption = {}): Average {
  const { arena } = readOptions("swa", given, ["arena"]);
  return new Average("swa", optimizer, (n) => 1 / n, arena);
}

const lookaheadOptions = {
  /** How many updates lie between two synchronisations. */
  every: fixed(count({ fallback: 5 })),
  /** How far the slow weights go towards the parameters. */
  alpha: fixed(between(0, 1, 0.5)),
};

/** The slow weights that an optimizer's parameters come back to: `update()` after every step. */
export class Lookahead extends TrackedWeights {
  readonly #every: number;
  readonly #alpha: number;

  /** @internal */
  constructor(optimizer: Weighted, every: number, alpha: number, arena: Arena | undefined) {
    super("lookahead", optimizer, arena);
    this.#every = every;
    this.#alpha = alpha;
  }

  /**
   * Counts a step, and synchronises if it is time.
   *
   * @throws Error unless the parameters are the weights to train
   */
  update(): void {
    this.weights.checkSources(this.name);
    if (this.advance() % this.#every !== 0) return;
    this.approach(this.#alpha);
    this.weights.write(this.ownParts);
  }
}

/**
 * Lookahead (Zhang et al. 2019): call `update()` after every step; at each `every`th the slow weights go `alpha` of the way to the
 * parameters, and the parameters back to them. The slow weights begin as the parameters are now, as in the paper and optax; timm's begin
 * at the first synchronisation.
 *
 * @param given `every` steps, default 5; `alpha` in (0, 1), default 0.5
 * @throws TypeError or RangeError that names the option, what was expected and what came
 */
export function lookahead(optimizer: Weighted, given: Options<typeof lookaheadOptions> & ArenaOption = {}): Lookahead {
  const options = readOptions("lookahead", given, ["every", "alpha", "arena"]);
  const { every, alpha } = resolve("lookahead", lookaheadOptions, options);
  return new Lookahead(optimizer, every, alpha, options.arena);
}
