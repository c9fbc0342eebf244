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

/** How many times as far as it came to fall a loss that burst had risen. */
const BURST = 5;

/** By what part of its first value a loss is below that which has come down. */
const ARRIVED = 0.75;

/** How many standard deviations are no chance. */
const SURE = 2;

/** The median of |x − 2y + z| for three numbers of a normal distribution by its standard deviation: 0.6745 · √6. */
const MEDIAN_BEND = 1.652;

/** Where a loss is going, by the last three quarters of its run in three parts. */
export class Trend {
  readonly #first: number;
  /** The mean of the first sixteenth, in which it may have fallen already, and of the parts. */
  readonly #early: number;
  readonly #parts: readonly number[];
  readonly #highest: number;
  /** The mean of the last sixteenth. */
  readonly #last: number;
  readonly #steps: number;
  /** Standard deviations of those means and of a single loss, by how the stretches' means bend from one to the next. */
  readonly #noise: { readonly early: number; readonly part: number; readonly one: number };

  constructor(first: number, means: Float64Array, size: number) {
    const start = Math.floor(means.length / 4);
    const third = Math.floor((means.length - start) / 3);
    const early = Math.ceil(means.length / 16);
    const end = means.length;
    const later = means.subarray(means.length >> 1);
    const bends = later.subarray(2).map((x, i) => Math.abs(x - 2 * later[i + 1] + later[i]));
    const noise = bends.sort()[bends.length >> 1] / MEDIAN_BEND;
    this.#first = first;
    this.#early = mean(means.subarray(0, early));
    this.#parts = [3, 2, 1].map((k) => mean(means.subarray(end - k * third, end - (k - 1) * third)));
    this.#highest = means.reduce((a, b) => Math.max(a, b), -Infinity);
    this.#last = mean(means.subarray(end - early));
    this.#steps = third * size;
    this.#noise = { early: noise / Math.sqrt(early), part: noise / Math.sqrt(third), one: noise * Math.sqrt(size) };
  }

  /** From the first part to the last, beyond chance. */
  get falls(): boolean {
    const [a, , c] = this.#parts;
    return a - c > SURE * Math.SQRT2 * this.#noise.part;
  }

  /** How far the last part is below the beginning. */
  get fall(): number {
    return this.#early - this.#parts[2];
  }

  /** What `fall` may be by chance. */
  get chance(): number {
    return SURE * this.#noise.early;
  }

  /** Whether the last part is not lower than the beginning, beyond chance. */
  get stuck(): boolean {
    const { one } = this.#noise;
    const [, , last] = this.#parts;
    const began = this.#early - this.#first > SURE * one ? this.#first : this.#early;
    return this.#first - last <= SURE * one && began - last <= this.chance;
  }

  /** Whether it is higher, beyond chance, and does not fall. */
  get risen(): boolean {
    return !this.falls && this.#parts[2] - this.#first > SURE * this.#noise.one;
  }

  /** Whether it rose far more above its first value than it came to fall below that, and is still of that size. */
  get burst(): boolean {
    const fell = this.#first - this.#parts[2];
    return this.#highest - this.#first > BURST * Math.max(fell, SURE * this.#noise.one) && !this.arrived;
  }

  /** Whether it is at last below a quarter of the first, whatever it was on the way. */
  get arrived(): boolean {
    return this.#first - Math.min(this.#parts[2], this.#last) >= ARRIVED * Math.abs(this.#first);
  }

  /** Whether the last part is above the first loss by more than so many times that. */
  soars(times: number): boolean {
    return this.#first !== 0 && this.#parts[2] - this.#first > times * Math.abs(this.#first);
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
