/** From `b` at t = 0 to `a` at t = 1: exact at both, and everywhere if a is b. The mirror of assembly/math/lerp.ts. */
export const lerp = (a: number, b: number, t: number): number => (t === 1 ? a : (a - b) * t + b);
