import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));

test("the package runs nothing where it is installed", () => {
  // What npm runs for a dependency, or warns of.
  const run = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
  expect(Object.keys(scripts).filter((name) => run.includes(name))).toEqual([]);
});

test("what needs the kernels has them made first, whoever comes by npm ci or by a script", () => {
  const making = /\b(kernels|build)\b/;
  expect(scripts.dependencies).toMatch(making);
  for (const name of ["start", "test", "test:long", "bench", "types"]) expect(scripts[`pre${name}`]).toMatch(making);
});
