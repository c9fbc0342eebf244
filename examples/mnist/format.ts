import type { Run } from "./recipes.ts";

/** How numbers and runs look in texts, tables and charts. */
export const whole = (x: number): string => x.toLocaleString("en");
export const stepsText = (n: number): string => `${whole(n)} ${n === 1 ? "step" : "steps"}`;
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
export const short = (x: number): string => String(Number(x.toPrecision(3)));
export const lossText = (x: number): string =>
  x < 10 ? x.toFixed(x < 1 ? 3 : 2) : x < 1000 ? short(x) : x.toExponential(1);
export const runText = ({ optimizer, lr, schedule }: Run): string => `${optimizer} ${short(lr)} ${schedule}`;
