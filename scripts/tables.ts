/** The README's tables of what exists, from the specs. `npx tsx scripts/tables.ts` writes them between their marks. */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { OptionTable } from "../src/common/options.ts";
import type { Spec } from "../src/engine/spec.ts";
import * as optimizers from "../src/optimizers/index.ts";
import * as keras from "../src/presets/keras/optimizers/index.ts";
import * as tfjs from "../src/presets/tfjs/index.ts";
import * as schedules from "../src/schedules/index.ts";

export const code = (text: string) => `\`${text}\``;

/** A table as Biome formats it, its columns aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((cells) => cells[i].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** `lr = 0.001, beta1 = 0.9, …`; an option without a default stands alone. */
function signature(options: OptionTable): string {
  return Object.entries(options)
    .map(([key, { fallback }]) => (fallback === undefined ? key : `${key} = ${fallback}`))
    .map(code)
    .join(", ");
}

/** State at its least and, with every flag on, at its most. */
function stateOf(spec: Spec): readonly (readonly string[])[] {
  const defaults = Object.fromEntries(Object.entries(spec.options).map(([key, kind]) => [key, kind.fallback]));
  const most = Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, typeof value === "boolean" ? true : value || 0.9]),
  );
  return [spec.slots(defaults), spec.slots(most)];
}

/** What a matrix's state is instead: its slots, and their bytes an element, a row and a column. */
function matrixStateOf({ options, matrix }: Spec): { readonly slots: string; readonly bytes: string } | undefined {
  if (!matrix) return undefined;
  const [rows, columns] = [3, 5];
  const defaults = Object.fromEntries(Object.entries(options).map(([key, kind]) => [key, kind.fallback]));
  const slots = Object.entries(matrix.slots({ stack: 1, rows, columns }, defaults));
  const bytes = (length: number, each: string) => {
    const count = slots.filter(([, own]) => own === length).length;
    return count === 0 ? [] : [`${4 * count} ${each}`];
  };
  return {
    slots: slots.map(([slot]) => code(slot)).join(", "),
    bytes: [...bytes(rows * columns, "an element"), ...bytes(rows, "a row"), ...bytes(columns, "a column")].join(" + "),
  };
}

/**
 * Bytes that a step reads and writes a parameter, its state left out: p twice and g once; where a tensor's norms are needed, also the
 * prepared gradient or the update, the norms, and what is done with them (src/engine/pipeline.ts), or a globalStats.
 */
function movedBesidesState({
  scaleGradient: rescale,
  trustRatio: trust,
  decayInUpdate: joined,
  globalStats,
}: Spec): number {
  if (globalStats) return 12 + globalStats.moved;
  if (trust) return 8 + 12 + (joined ? 12 : 0) + 8 + 16;
  return rescale ? 8 + 8 + 12 + 12 : 12;
}

/** Bytes a parameter, in f32: what is kept, and what a step reads and writes. */
function memoryOf(spec: Spec): { readonly kept: string; readonly moved: string } {
  const [least, most] = stateOf(spec).map((slots) => slots.length);
  const range = (f: (slots: number) => number) => (least === most ? `${f(least)}` : `${f(least)}–${f(most)}`);
  const passes = movedBesidesState(spec);
  return { kept: range((slots) => 4 * slots), moved: range((slots) => passes + 8 * slots) };
}

/** The same in a docstring. */
export function memoryLine(spec: Spec): string {
  const { kept, moved } = memoryOf(spec);
  const matrix = matrixStateOf(spec);
  return `Memory in f32: ${kept} bytes of state a parameter${matrix ? ` (matrices: ${matrix.bytes})` : ""}; a step moves ${moved}.`;
}

function optimizerTable(): string {
  const rows = Object.values(optimizers).map(({ spec }) => {
    const [least, most] = stateOf(spec);
    const state = most.map((slot) => (least.includes(slot) ? code(slot) : `(${code(slot)})`)).join(", ");
    const { kept, moved } = memoryOf(spec);
    const matrix = matrixStateOf(spec);
    const and = (text: string | undefined) => (text ? `; matrices: ${text}` : "");
    return [
      code(spec.name),
      spec.source,
      signature(spec.options),
      state + and(matrix?.slots),
      kept + and(matrix?.bytes),
      moved,
    ];
  });
  return table(["", "source", "options", "state (some options)", "state, B", "moved, B"], rows);
}

/** What other houses have as we do is in the other table. */
function presetTable(): string {
  const own: readonly unknown[] = Object.values(optimizers);
  const rows = [...Object.values(keras), ...Object.values(tfjs)]
    .filter((maker) => !own.includes(maker))
    .map(({ spec }) => [code(spec.name), spec.source, signature(spec.options)]);
  return table(["", "unlike ours", "options"], rows);
}

function scheduleTable(): string {
  const rows = Object.values(schedules).map(({ spec }) => [code(spec.name), spec.formula, signature(spec.options)]);
  return table(["", "value at index k", "options"], rows);
}

const sections: Readonly<Record<string, () => string>> = {
  optimizers: optimizerTable,
  presets: presetTable,
  schedules: scheduleTable,
};

/** The text with every section between its marks made anew. */
export function withTables(text: string): string {
  return Object.entries(sections).reduce(
    (result, [name, make]) =>
      result.replace(
        new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`),
        (_, open: string, close: string) => `${open}\n${make()}\n\n${close}`,
      ),
    text,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  writeFileSync("README.md", withTables(readFileSync("README.md", "utf8")));
