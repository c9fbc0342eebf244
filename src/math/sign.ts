/** 1, −1, or x itself where it is neither > 0 nor < 0: a zero, or a NaN, which so comes through. The mirror of Sign in assembly/elementwise.ts. */
export const sign = (x: number): number => (x > 0 ? 1 : x < 0 ? -1 : x);
