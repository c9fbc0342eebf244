import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memoryLine, withTables } from "../scripts/tables.ts";
import { all } from "./makers.ts";

const readme = readFileSync("README.md", "utf8");

test("the tables are those that the specs give", () => {
  expect(withTables(readme)).toBe(readme);
});

test("every optimizer's docstring ends with its bytes, as the table's", () => {
  const files = ["src/optimizers", "src/presets"].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(room, file)),
  );
  const found = files.flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const [, line, name] =
      / \* (.*)\n \*\/\nexport const \w+ = .* optimizer\(\{[\s\S]*?\n {2}name: "(.*)"/.exec(text) ?? [];
    return name === undefined ? [] : [[name, line]];
  });
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(all.map(({ spec }) => [spec.name, memoryLine(spec)])));
});

test("the example runs as printed, on the built package, and prints what the text says", () => {
  const [, example] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const [, printed] = /^prints `(.*)`/m.exec(readme) ?? [];
  expect(example.trim().split("\n").length).toBeLessThanOrEqual(20);
  writeFileSync("build/example.ts", example);
  const output = execFileSync(process.execPath, ["--import", "tsx", "build/example.ts"], { encoding: "utf8" });
  expect(output.trim()).toBe(printed);
});

test("the example of pictures runs as printed, on the built package, and prints what the text shows", () => {
  const [, example, printed] =
    /## Pictures[\s\S]*?```ts\n([\s\S]*?)```\n\nprints\n\n```\n([\s\S]*?)```/.exec(readme) ?? [];
  const whole = `${example}process.stdout.write(svg.slice(0, 4));`;
  writeFileSync("build/example-plot.ts", whole);
  const output = execFileSync(process.execPath, ["--import", "tsx", "build/example-plot.ts"], { encoding: "utf8" });
  expect(output).toBe(`${printed}<svg`);
});

test("the first example for TensorFlow.js runs and prints what the text says", () => {
  const page = readFileSync("docs/tfjs.md", "utf8");
  const [, example] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
  const [, printed] = /^prints `(.*?)`/m.exec(page) ?? [];
  const whole = 'import * as tf from "@tensorflow/tfjs";';
  expect(example).toContain(whole);
  writeFileSync("build/tfjs-example.ts", example.replace(whole, 'import { tf } from "../test/tf.ts";'));
  const output = execFileSync(process.execPath, ["--import", "tsx", "build/tfjs-example.ts"], { encoding: "utf8" });
  expect(output.trim()).toBe(printed);
});
