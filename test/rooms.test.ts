import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** From the first, which imports nothing but itself, to the last: a file imports from its own room and from those before it. */
const rooms = [
  "common",
  "math",
  "kernels",
  "ops",
  "backends",
  "memory",
  "schedules",
  "engine",
  "optimizers",
  "wrappers",
  "tuning",
  "presets",
  "plot",
  "adapters",
  "index.ts",
];

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
const imports = new Map(
  files.map((path) => {
    const specifiers = [...readFileSync(join("src", path), "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)];
    return [path, specifiers.map(([, specifier]) => join(dirname(path), specifier))];
  }),
);
const roomOf = (path: string): number => rooms.indexOf(path.split("/")[0]);

test("every file imports from its own room and from those above", () => {
  const arrows = files.flatMap((from) => (imports.get(from) ?? []).map((to) => ({ from, to })));
  expect(arrows.filter(({ from, to }) => roomOf(to) < 0 || roomOf(to) > roomOf(from))).toEqual([]);
});

test("no file imports itself by way of others, types included", () => {
  const reach = (path: string, seen = new Set<string>()): Set<string> => {
    for (const next of imports.get(path) ?? []) if (!seen.has(next)) reach(next, seen.add(next));
    return seen;
  };
  expect(files.filter((path) => reach(path).has(path))).toEqual([]);
});
