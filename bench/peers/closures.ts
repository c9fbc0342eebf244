/** A warmup and a cosine decay as one would write them in JavaScript: closures of the index over Math.cos. */
export type Closure = (k: number) => number;

export interface WarmupCosine {
  readonly peak: number;
  readonly warmup: number;
  readonly steps: number;
}

const line =
  (init: number, end: number, steps: number): Closure =>
  (k) =>
    init + (end - init) * (Math.min(k, steps) / steps);

const cosine =
  (init: number, end: number, steps: number): Closure =>
  (k) =>
    end + (init - end) * (0.5 + 0.5 * Math.cos((Math.PI * Math.min(k, steps)) / steps));

const join =
  (schedules: readonly Closure[], boundaries: readonly number[]): Closure =>
  (k) => {
    let i = 0;
    while (i < boundaries.length && boundaries[i] <= k) i++;
    return schedules[i](i === 0 ? k : k - boundaries[i - 1]);
  };

/** The library's schedule, made of the same parts. */
export const composed = ({ peak, warmup, steps }: WarmupCosine): Closure =>
  join([line(0, peak, warmup), cosine(peak, 0, steps - warmup)], [warmup]);

/** All in one: the least that can be written. */
export const single =
  ({ peak, warmup, steps }: WarmupCosine): Closure =>
  (k) =>
    k < warmup
      ? (peak * k) / warmup
      : 0.5 * peak * (1 + Math.cos((Math.PI * (Math.min(k, steps) - warmup)) / (steps - warmup)));

/** A loop that calls a closure of its own: compiled for each, so that none makes another's call polymorphic. */
export function loop(closure: Closure, out: Float64Array): () => void {
  return new Function("closure", "out", "return () => { for (let k = 0; k < out.length; k++) out[k] = closure(k); }")(
    closure,
    out,
  );
}
