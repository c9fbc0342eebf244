/** One sample of a column: its median over a short while. */
export type Sample = () => number;

type Medians<C> = { [K in keyof C]: C[K] extends Sample ? number : number | undefined };

/**
 * The median over rounds of every column there is. In a round the columns take their turns one after the other, so that what slows the
 * machine down for a while slows all of them, and ratios stay what they are.
 */
export function medians<C extends Readonly<Record<string, Sample | undefined>>>(
  columns: C,
  rounds: number,
): Medians<C> {
  const timed = Object.entries(columns).flatMap(([name, sample]) =>
    sample ? [{ name, sample, list: [] as number[] }] : [],
  );
  for (let round = 0; round < rounds; round++) for (const { sample, list } of timed) list.push(sample());
  return Object.fromEntries(timed.map(({ name, list }) => [name, median(list)])) as Medians<C>;
}

function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  return (sorted[(list.length - 1) >> 1] + sorted[list.length >> 1]) / 2;
}
