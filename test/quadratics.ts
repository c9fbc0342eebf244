/** Random convex quadratics whose curvatures are known, to hold what is said of learning rates against theory. */

/** ½ (x − x*)ᵀ H (x − x*), H with the eigenvalues `spectrum` in a random basis. */
export interface Quadratic {
  /** The least and the largest curvature. */
  readonly mu: number;
  readonly L: number;
  readonly start: Float64Array;
  /** Writes the gradient at `x` to `out` and returns the value. */
  gradient(x: ArrayLike<number>, out: Float32Array | Float64Array): number;
}

export type Random = () => number;

/** mulberry32, in [0, 1) */
export function random(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const uniform = (next: Random, low: number, high: number): number => low + (high - low) * next();
export const logUniform = (next: Random, low: number, high: number): number =>
  Math.exp(uniform(next, Math.log(low), Math.log(high)));

export const gaussian = (next: Random): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** 2 to 30 dimensions, L from 1e-3 to 1e3, L / μ from 1 to 1e4, the other curvatures log-uniform between; start and minimum Gaussian. */
export function quadratic(next: Random): Quadratic {
  const n = 2 + Math.floor(next() * 29);
  const L = logUniform(next, 1e-3, 1e3);
  const mu = L / logUniform(next, 1, 1e4);
  const spectrum = Array.from({ length: n }, (_, i) => (i === 0 ? mu : i === 1 ? L : logUniform(next, mu, L)));
  const vector = () => Float64Array.from({ length: n }, () => gaussian(next));
  const mirrors = [vector(), vector(), vector()];
  const [minimum, start] = [vector(), vector()];
  const d = new Float64Array(n);
  return {
    mu,
    L,
    start,
    gradient(x, out) {
      for (let i = 0; i < n; i++) d[i] = x[i] - minimum[i];
      for (const v of mirrors) mirror(d, v);
      let value = 0;
      for (let i = 0; i < n; i++) {
        value += (spectrum[i] * d[i] * d[i]) / 2;
        d[i] *= spectrum[i];
      }
      for (const v of mirrors.toReversed()) mirror(d, v);
      out.set(d);
      return value;
    },
  };
}

/** x ← x − 2 v (vᵀx) / (vᵀv) */
function mirror(x: Float64Array, v: Float64Array): void {
  let dot = 0;
  let square = 0;
  for (let i = 0; i < x.length; i++) {
    dot += v[i] * x[i];
    square += v[i] * v[i];
  }
  for (let i = 0; i < x.length; i++) x[i] -= (2 * dot * v[i]) / square;
}
