/** Steps of the first cycle, the factor of the next, and how many cycles: the 440 on which houses' logarithms were tried. */
const grid = [1, 2, 3, 5, 7, 10, 20, 50].flatMap((steps) =>
  [2, 3, 4, 5, 10].flatMap((factor) => Array.from({ length: 11 }, (_, n) => [steps, factor, n + 1] as const)),
);

/** The index at which the cycles are over, and the length of the last. */
export const restarts = grid.map(([steps, factor, n]) => ({
  steps,
  factor,
  at: (steps * (factor ** n - 1)) / (factor - 1),
  length: steps * factor ** (n - 1),
}));
