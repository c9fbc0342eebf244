const SMOOTHING = 0.98;

/** How far above its best a loss must rise to look bad. */
const RISE = 1.5;

/** About the loss of a network that gives all ten classes the same probability, which is ln 10. */
const GUESSING = 0.98 * Math.LN10;

export interface Divergence {
  /** When it began. */
  readonly step: number;
  /** The highest smoothed loss since, NaN if it is no longer finite. */
  readonly peak: number;
  /** The lowest smoothed loss before. */
  readonly best: number;
}

/**
 * Smooths the loss of a run and recognises divergence: the loss rose far above its best and has for long been no better than
 * guessing, or it or a gradient is not finite. For long, because some runs jump at first and recover.
 */
export class LossWatch {
  /** The smoothed loss of every step. */
  readonly losses: number[] = [];
  divergence: Divergence | undefined;
  readonly #patience: number;
  #mean = 0;
  #weight = 0;
  #best = Infinity;
  #bad: number | undefined;

  /** @param patience how many steps are long */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** @param usable whether the gradient was finite */
  add(loss: number, usable: boolean): void {
    const step = this.losses.length;
    this.#mean = SMOOTHING * this.#mean + (1 - SMOOTHING) * loss;
    this.#weight = SMOOTHING * this.#weight + (1 - SMOOTHING);
    const smooth = this.#mean / this.#weight;
    if (!Number.isFinite(smooth) || !usable) {
      this.divergence = { step, peak: NaN, best: this.#best };
      return;
    }
    this.losses.push(smooth);
    if (smooth < GUESSING) this.#bad = undefined;
    else if (smooth > RISE * this.#best) this.#bad ??= step;
    this.#best = Math.min(this.#best, smooth);
    if (this.#bad === undefined || step - this.#bad < this.#patience) return;
    const peak = this.losses.slice(this.#bad).reduce((a, b) => Math.max(a, b));
    this.divergence = { step: this.#bad, peak, best: this.#best };
  }
}
