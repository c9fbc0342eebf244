import { choice } from "../../common/options.ts";

/** What a schedule that has a last step is after it; the kernels know these by their place here. */
const MODES = ["hold", "mirror", "zero", "throw", "none"] as const;

/** "none" is no choice of the user's: the closed form says itself how it goes on. */
export type After = (typeof MODES)[number];

/**
 * What comes after the last step: its value again, the way back and forth again, 0, or a RangeError.
 */
export const after = () => choice("hold", "mirror", "zero", "throw");

export const modeOf = (after: After): number => MODES.indexOf(after);

/** The index at which to evaluate the closed form for `k`. The mirror of After in assembly/series.ts. */
function indexFor(k: number, steps: number, after: After): number {
  if (after === "none") return k;
  if (after !== "mirror") return steps < k ? steps : k;
  const period = steps + steps;
  const position = k - Math.floor(k / period) * period;
  return Math.max(Math.min(position, period - position), 0);
}

/** A closed form with what comes after its last step. */
export function ended(name: string, form: (k: number) => number, steps: number, after: After): (k: number) => number {
  return (k) => {
    if (after === "throw" && k > steps)
      throw new RangeError(`${name}: k must be at most ${steps}, as after is "throw", got ${k}`);
    const value = form(indexFor(k, steps, after));
    return after === "zero" && k > steps ? 0 : value;
  };
}
