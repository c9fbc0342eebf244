import { log2 } from "../math/log2.ts";

const BLOCKS = 64;

/** How a loss goes over a run of any length, from the means of at most 64 equal stretches of it. */
export class Losses {
  /** Means, and the sum of the stretch that is not full. */
  readonly #stretches = new Float64Array(BLOCKS);
  #full = 0;
  #size = 1;
  #inLast = 0;

  add(loss: number): void {
    this.#stretches[this.#full] += loss;
    this.#inLast++;
    if (this.#inLast === this.#size) this.#close();
  }

  #close(): void {
    const x = this.#stretches;
    x[this.#full] /= this.#size;
    this.#full++;
    this.#inLast = 0;
    if (this.#full < BLOCKS) return;
    for (let i = 0; i < BLOCKS / 2; i++) x[i] = (x[2 * i] + x[2 * i + 1]) / 2;
    x.fill(0, BLOCKS / 2);
    this.#full = BLOCKS / 2;
    this.#size *= 2;
  }

  get count(): number {
    return this.#full * this.#size + this.#inLast;
  }

  /** Whether all were finite. */
  get finite(): boolean {
    return this.#stretches.every(Number.isFinite);
  }

  get trend(): Trend {
    return new Trend(this.#stretches.subarray(0, this.#full), this.#size);
  }
}

/** Where a loss is going, by the last three quarters of its run in three parts. */
export class Trend {
  readonly #first: number;
  readonly #parts: readonly number[];
  readonly #steps: number;

  constructor(means: Float64Array, size: number) {
    const start = Math.floor(means.length / 4);
    const third = Math.floor((means.length - start) / 3);
    const end = means.length;
    this.#first = means[0];
    this.#parts = [3, 2, 1].map((k) => mean(means.subarray(end - k * third, end - (k - 1) * third)));
    this.#steps = third * size;
  }

  /** The last part is no lower than the first. */
  get stalled(): boolean {
    return this.#parts[2] >= this.#parts[0];
  }

  /** And higher than where it began. */
  get rising(): boolean {
    return this.stalled && this.#parts[2] > this.#parts[0] && this.#parts[2] > this.#first;
  }

  /**
   * How many more steps 99 % of what is left to fall takes, if it goes on slowing down as it does (Aitken's extrapolation): 0 if what is left
   * is less than 1 % of what has fallen, Infinity if it does not slow down, undefined if it does not fall.
   */
  get steps(): number | undefined {
    const [a, b, c] = this.#parts;
    if (!(a > b && b > c)) return undefined;
    const slowing = (b - c) / (a - b);
    if (slowing >= 1) return Infinity;
    const left = ((b - c) * slowing) / (1 - slowing);
    if (left < 0.01 * (this.#first - c)) return 0;
    return (this.#steps * log2(0.01, { hi: 0, lo: 0 }).hi) / log2(slowing, { hi: 0, lo: 0 }).hi;
  }
}

const mean = (x: Float64Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;
