/**
 * What is used of the libraries that are passed in, by structure: neither they nor their types are needed to install or compile this one.
 * Methods, whose parameters TypeScript compares loosely, so that the libraries' own types fit.
 */

/** An element of any DOM. */
export interface SvgElement {
  readonly outerHTML: string;
  readonly ownerDocument: { createElementNS(namespace: string, name: string): { textContent: string | null } };
  setAttribute(name: string, value: string): void;
  prepend(...nodes: unknown[]): void;
}

/** Observable Plot: `import * as Plot from "@observablehq/plot"`. */
export interface ObservablePlot {
  plot(options: object): SvgElement;
  dot(data: readonly unknown[], options: object): object;
  line(data: readonly unknown[], options: object): object;
  ruleX(data: readonly unknown[], options: object): object;
  text(data: readonly unknown[], options: object): object;
  vector(data: readonly unknown[], options: object): object;
}

/** `import * as asciichart from "asciichart"`. */
export interface Asciichart {
  plot(series: number[], options: object): string;
  readonly blue: string;
  readonly cyan: string;
  readonly green: string;
  readonly magenta: string;
  readonly red: string;
  readonly yellow: string;
  readonly reset: string;
}
