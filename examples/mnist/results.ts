import type { Run } from "./recipes.ts";
import type { Outcome } from "./train.ts";

/** What came of a run, once for each backend. */
export interface Result {
  readonly run: Run;
  readonly outcomes: readonly Outcome[];
}

/** A result as a section of the report calls it. */
export interface LabelledResult {
  readonly label: string;
  readonly result: Result;
}

/** The hashes of the final parameters: one, unless the backends disagree. */
export const hashes = ({ outcomes }: Result): string[] => [...new Set(outcomes.map(({ hash }) => hash))];

export const disagrees = (result: Result): boolean => hashes(result).length > 1;
