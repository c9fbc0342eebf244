import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { type Recipe, remake } from "../scripts/made.ts";

let folder: string;
/** How often anything was made. */
let makes: number;
let recipe: Recipe;

const read = (name: string): string => readFileSync(`${folder}/${name}`, "utf8");

beforeEach(() => {
  folder = mkdtempSync("build/made-");
  onTestFinished(() => rmSync(folder, { recursive: true }));
  makes = 0;
  writeFileSync(`${folder}/a`, "a");
  writeFileSync(`${folder}/b`, "b");
  recipe = {
    sources: [`${folder}/a`, `${folder}/b`],
    outputs: [`${folder}/out/ab`, `${folder}/ba`],
    key: `${folder}/out/key`,
    async make() {
      makes++;
      const made = [read("a") + read("b"), read("b") + read("a")];
      await new Promise(setImmediate);
      return made;
    },
  };
});

test("what is made is not made again", async () => {
  await remake(recipe);
  expect([read("out/ab"), read("ba")]).toEqual(["ab", "ba"]);
  await remake(recipe);
  expect(makes).toBe(1);
});

test("what is made of other sources is made again, once", async () => {
  await remake(recipe);
  // What moves from a file to the next is a change too.
  writeFileSync(`${folder}/a`, "ab");
  writeFileSync(`${folder}/b`, "");
  await remake(recipe);
  await remake(recipe);
  expect([makes, read("ba")]).toEqual([2, "ab"]);
  await remake({ ...recipe, sources: [...recipe.sources, `${folder}/c`] });
  expect(makes).toBe(3);
});

test.each(["out/ab", "ba", "out/key"])("where %s is gone or another, all is made again", async (name) => {
  await remake(recipe);
  rmSync(`${folder}/${name}`);
  await remake(recipe);
  appendFileSync(`${folder}/${name}`, "!");
  await remake(recipe);
  await remake(recipe);
  expect([makes, read("out/ab"), read("ba")]).toEqual([3, "ab", "ba"]);
});

test("what fails has made nothing", async () => {
  await remake(recipe);
  writeFileSync(`${folder}/a`, "A");
  const failing = { ...recipe, make: () => Promise.reject(new Error("no")) };
  await expect(remake(failing)).rejects.toThrow("no");
  expect(read("ba")).toBe("ba");
  await remake(recipe);
  expect(read("ba")).toBe("bA");
});

test("a source that changes while something is made is not taken for used", async () => {
  const making = remake(recipe);
  writeFileSync(`${folder}/a`, "A");
  await making;
  await remake(recipe);
  expect(read("ba")).toBe("bA");
});

test("two at once leave whole files and nothing else", async () => {
  await Promise.all([remake(recipe), remake(recipe)]);
  await remake(recipe);
  expect([makes, read("out/ab"), read("ba")]).toEqual([2, "ab", "ba"]);
  expect([...readdirSync(folder), ...readdirSync(`${folder}/out`)].sort()).toEqual([
    "a",
    "ab",
    "b",
    "ba",
    "key",
    "out",
  ]);
});
