/** One sample of a column: its median over a short while. */
export type Sample = () => number;

type Medians<C> = { [K in keyof C]: C[K] extends Sample ? number : number | undefined };

/**
 * The median over rounds of every column there is, for one row after the other. In a round the columns of a row take their turns one right
 * after the other, so that what slows the machine down for a while slows all of them; and all rows have their round before any has its
 * next, so that it spoils one round of many rows rather than all rounds of one.
 *
 * @param tick is told of every row that had a round
 */
export function medians<C extends Readonly<Record<string, Sample | undefined>>>(
  rows: readonly C[],
  rounds: number,
  tick: (row: number) => void,
): Medians<C>[] {
  const timed = rows.map((columns) =>
    Object.entries(columns).flatMap(([name, sample]) => (sample ? [{ name, sample, list: [] as number[] }] : [])),
  );
  for (let round = 0; round < rounds; round++)
    timed.forEach((columns, row) => {
      for (const { sample, list } of columns) list.push(sample());
      tick(row);
    });
  return timed.map(
    (columns) => Object.fromEntries(columns.map(({ name, list }) => [name, median(list)])) as Medians<C>,
  );
}

function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  return (sorted[(list.length - 1) >> 1] + sorted[list.length >> 1]) / 2;
}
