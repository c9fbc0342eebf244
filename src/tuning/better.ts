import { choice, fixed, fraction, nonNegative } from "../common/options.ts";

/** When a metric counts as better than the best so far. */
export const betterOptions = (rtol: number, atol: number) => ({
  /** What the metric should become. */
  mode: choice("min", "max"),
  /** By what share of the best a metric must be better to count as that: torch's threshold in its mode "rel". */
  rtol: fixed(fraction(rtol)),
  /** And by how much: torch's threshold in its mode "abs", Keras's min_delta. */
  atol: fixed(nonNegative(atol)),
});

/** torch's threshold in one of its modes. */
export const tolerance = (threshold: number, mode: "rel" | "abs") =>
  mode === "rel" ? { rtol: threshold, atol: 0 } : { rtol: 0, atol: threshold };

/** What is wrong with them, if anything. */
export const toleranceConflict = (threshold: number, mode: "rel" | "abs"): string | undefined =>
  mode === "abs" || threshold < 1
    ? undefined
    : `threshold must be in [0, 1) where thresholdMode is "rel", got ${threshold}`;

/**
 * Whether a metric is better than `best`, NaN for none. In torch and optax a relative threshold makes it easier to be the best instead of
 * harder where that is negative; here the share is of its size. Nor can an infinite metric become the best, which none would ever beat.
 */
export function isBetter(
  metric: number,
  best: number,
  { mode, rtol, atol }: { readonly mode: "min" | "max"; readonly rtol: number; readonly atol: number },
): boolean {
  if (!Number.isFinite(metric)) return false;
  if (Number.isNaN(best)) return true;
  const share = best < 0 ? -rtol : rtol;
  return mode === "min" ? metric < best * (1 - share) - atol : metric > best * (1 + share) + atol;
}
