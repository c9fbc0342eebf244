import type { Run } from "./recipes.ts";
import type { Outcome } from "./train.ts";

/** What came of a run. */
export interface Result {
  readonly run: Run;
  readonly outcome: Outcome;
}

/** A result as a section of the report calls it. */
export interface LabelledResult {
  readonly label: string;
  readonly result: Result;
}

/** The hashes of the final parameters: one, unless the backends disagree. */
export const hashes = ({ outcome }: Result): string[] => [...new Set(outcome.descents.map(({ hash }) => hash))];

export const disagrees = (result: Result): boolean => hashes(result).length > 1;
