import Table from "cli-table3";

/** A table of texts, whose first column says what the others are of. */
export function table(head: string[], rows: string[][]): string {
  const made = new Table({
    head,
    colAligns: head.map((_, i) => (i === 0 ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
  made.push(...rows);
  return made.toString();
}
