import { log2 } from "../math/log2.ts";

const BLOCKS = 64;

/** How a loss goes over a run of any length, from the means of at most 64 equal stretches of it. */
export class Losses {
  /** Means, and the sum of the stretch that is not full. */
  readonly #stretches = new Float64Array(BLOCKS);
  #full = 0;
  #size = 1;
  #inLast = 0;
  #first = NaN;

  add(loss: number): void {
    this.#stretches[this.#full] += loss;
    this.#inLast++;
    if (this.#inLast === this.#size) this.#close();
  }

  #close(): void {
    const x = this.#stretches;
    x[this.#full] /= this.#size;
    if (this.#size === 1 && this.#full === 0) this.#first = x[0];
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

  /** Whether the first, before any step, was finite. */
  get began(): boolean {
    return this.count === 0 || Number.isFinite(this.#first);
  }

  /** Whether all were finite. */
  get finite(): boolean {
    return this.#stretches.every(Number.isFinite);
  }

  get trend(): Trend {
    return new Trend(this.#first, this.#stretches.subarray(0, this.#full), this.#size);
  }
}

/** How many standard deviations are no chance. */
const SURE = 2;

/** The median of |x − 2y + z| for three numbers of a normal distribution by its standard deviation: 0.6745 · √6. */
const MEDIAN_BEND = 1.652;

/** Where a loss is going, by the last three quarters of its run in three parts. */
export class Trend {
  readonly #first: number;
  readonly #parts: readonly number[];
  readonly #steps: number;
  /** Standard deviations of a part's mean and of a single loss, by how the stretches' means bend from one to the next. */
  readonly #noise: { readonly part: number; readonly one: number };

  constructor(first: number, means: Float64Array, size: number) {
    const start = Math.floor(means.length / 4);
    const third = Math.floor((means.length - start) / 3);
    const end = means.length;
    const bends = means.subarray(2).map((x, i) => Math.abs(x - 2 * means[i + 1] + means[i]));
    const noise = bends.sort()[bends.length >> 1] / MEDIAN_BEND;
    this.#first = first;
    this.#parts = [3, 2, 1].map((k) => mean(means.subarray(end - k * third, end - (k - 1) * third)));
    this.#steps = third * size;
    this.#noise = { part: noise / Math.sqrt(third), one: noise * Math.sqrt(size) };
  }

  /** From the first part to the last, beyond chance. */
  get falls(): boolean {
    const [a, , c] = this.#parts;
    return a - c > SURE * Math.SQRT2 * this.#noise.part;
  }

  /** Whether the last part is not lower than the first loss, beyond chance. */
  get stuck(): boolean {
    return this.#first - this.#parts[2] <= SURE * this.#noise.one;
  }

  /** Whether it is higher, beyond chance, and does not fall. */
  get risen(): boolean {
    return !this.falls && this.#parts[2] - this.#first > SURE * this.#noise.one;
  }

  /**
   * How many more steps 99 % of what is left to fall takes, if it goes on slowing down as it does (Aitken's extrapolation): 0 if what is left
   * is less than 1 % of what has fallen, Infinity if it does not slow down beyond chance, undefined if it does not fall.
   */
  get steps(): number | undefined {
    if (!this.falls) return undefined;
    const [a, b, c] = this.#parts;
    const slows = a - b - (b - c) > SURE * Math.sqrt(6) * this.#noise.part;
    if (!slows) return Infinity;
    const slowing = (b - c) / (a - b);
    const left = ((b - c) * slowing) / (1 - slowing);
    if (slowing <= 0 || left < 0.01 * (this.#first - c)) return 0;
    return (this.#steps * log2(0.01, { hi: 0, lo: 0 }).hi) / log2(slowing, { hi: 0, lo: 0 }).hi;
  }
}

const mean = (x: Float64Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;
