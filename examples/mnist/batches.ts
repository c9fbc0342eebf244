/** Gives the indices of all examples in batches, epoch after epoch, each in a new random order. */
export class Batches {
  readonly #order: Uint32Array;
  readonly #size: number;
  readonly #random: () => number;
  #start: number;

  /** @param random numbers in [0, 1) */
  constructor(count: number, size: number, random: () => number) {
    this.#order = Uint32Array.from({ length: count }, (_, i) => i);
    this.#size = size;
    this.#random = random;
    this.#start = count;
  }

  next(): Uint32Array {
    if (this.#start >= this.#order.length) this.#shuffle();
    const batch = this.#order.subarray(this.#start, this.#start + this.#size);
    this.#start += this.#size;
    return batch;
  }

  /** Fisher and Yates' way. */
  #shuffle(): void {
    const order = this.#order;
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1));
      const other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
    this.#start = 0;
  }
}
