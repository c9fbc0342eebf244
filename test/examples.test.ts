import { execSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { DOMParser } from "@xmldom/xmldom";
import { describe, expect, test } from "vitest";
import * as findLr from "../examples/find-lr/flags.ts";
import { FlagError } from "../examples/flags.ts";
import { gallery, STEPS } from "../examples/schedules/gallery.ts";
import * as tfjsMnist from "../examples/tfjs-mnist/flags.ts";
import * as schedules from "../src/schedules/index.ts";

const readme = readFileSync("README.md", "utf8");
const tfjsPage = readFileSync("docs/tfjs.md", "utf8");

/** Runs a command as the README prints it. */
const run = (command: string, cwd = "."): string =>
  execSync(command, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

/** The texts of a picture; throws if it is no XML. */
function textsOf(svg: string): string[] {
  const { documentElement } = new DOMParser({
    onError: (_, message) => {
      throw new Error(message);
    },
  }).parseFromString(svg, "image/svg+xml");
  return [...(documentElement?.getElementsByTagName("text") ?? [])].map(({ textContent }) => textContent ?? "");
}

describe("the gallery", () => {
  const path = "docs/gallery/schedules.svg";
  const committed = readFileSync(path, "utf8");

  test("shows each of the library's schedules, and the README shows it", () => {
    const names = Object.keys(schedules);
    expect(Object.keys(gallery).sort()).toEqual(names.sort());
    expect(textsOf(committed)).toEqual(expect.arrayContaining(names));
    expect(readme).toContain(`](${path})`);
  });

  test("fills the one scale that all are on: from 0 to 1", () => {
    const values = Object.values(gallery).map((schedule) => Array.from({ length: STEPS + 1 }, (_, k) => schedule(k)));
    expect(values.filter((own) => Math.max(...own) < 0.5 || Math.max(...own) > 1 || Math.min(...own) < 0)).toEqual([]);
  });

  test("is no more than a README should load", () => {
    expect(committed.length).toBeLessThan(300_000);
  });

  test("is what its command draws, with a page", () => {
    expect(readme).toContain("`npx tsx examples/schedules`");
    // It draws where it is run: here would be over what it is compared with.
    const elsewhere = mkdtempSync("build/gallery-");
    try {
      expect(run("npx tsx ../../examples/schedules", elsewhere)).toBe(`${path}\nbuild/schedules.html\n`);
      expect(readFileSync(`${elsewhere}/${path}`, "utf8")).toBe(committed);
      expect(readFileSync(`${elsewhere}/build/schedules.html`, "utf8")).toMatch(
        /^<!doctype html>[\s\S]*<title>oneCycle\nstep 0\nlearning rate 0.04</,
      );
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });
});

describe("the range test", () => {
  const command = "npx tsx examples/find-lr";

  test("shows the loss over the rate and what is suggested, as text, picture and page", () => {
    expect(readme).toContain(`\`${command}\``);
    for (const file of ["build/find-lr.svg", "build/find-lr.html"]) rmSync(file, { force: true });
    const printed = run(command);
    const texts = textsOf(readFileSync("build/find-lr.svg", "utf8"));
    for (const name of ["valley", "steepest", "minimum", "slide"]) {
      const [suggestion] = new RegExp(`${name} [\\d.e-]+`).exec(printed) ?? [];
      expect(texts).toContain(suggestion);
    }
    expect(texts).toEqual(expect.arrayContaining(["loss", "smoothed", "learning rate", "1e-7", "10"]));
    expect(printed).toMatch(/^a loss {3}b smoothed$/m);
    expect(readFileSync("build/find-lr.html", "utf8")).toContain("<title>smoothed\nlearning rate 1e-7\n");
  });

  test("is shorter with --steps", () => {
    expect(run(`${command} --steps 12`)).toContain("after 12 rates");
  });

  test("a flag is refused in one line", () => {
    const { status, stderr, stdout } = spawnSync(`${command} --steps 1`, { encoding: "utf8", shell: true });
    expect([status, stderr, stdout]).toEqual([2, '--steps must be a whole number ≥ 2, got "1"\n', ""]);
  });

  test.each([
    ["--steps 1", '--steps must be a whole number ≥ 2, got "1"'],
    ["--lr 3", "unknown flag --lr: expected one of --steps, --seed, --help"],
    ["fast", 'unexpected argument "fast": expected one of --steps, --seed, --help'],
  ])("%s: the line says what is wrong", (flags, message) => {
    expect(() => findLr.readFlags(flags.split(" "))).toThrow(new FlagError(message));
  });
});

describe("a model of TensorFlow.js", () => {
  const command = "npx tsx examples/tfjs-mnist";

  test("learns with its Adam and with ours, which leave as many tensors as there were", () => {
    for (const page of [readme, tfjsPage]) expect(page).toContain(command);
    const table = run(`${command} --steps 60`)
      .split("\n")
      .filter((line) => line.startsWith("│"));
    const [head, ...rows] = table.map((line) =>
      line
        .split("│")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    expect(head).toEqual(["", "test accuracy", "training, s", "optimizer, s", "tensors before", "after"]);
    const results = rows.map(([label, accuracy, , , before, after]) => ({
      label,
      accuracy: Number.parseFloat(accuracy),
      made: Number(after) - Number(before),
    }));
    expect(results).toEqual([
      // Two moments for each of four variables, and two powers.
      { label: "tf.train.adam", accuracy: expect.any(Number), made: 10 },
      { label: "tfjs.adam", accuracy: expect.any(Number), made: 0 },
      { label: "adamw, warmupCosine", accuracy: expect.any(Number), made: 0 },
    ]);
    const [theirs, same, other] = results.map(({ accuracy }) => accuracy);
    // 60 steps give 86 and 88 %; a network that has learnt nothing gives 10.
    expect(Math.min(theirs, same, other)).toBeGreaterThan(80);
    // Steps that are the same to 4e-6 (tfjs-parity.test.ts) decide for few of 10,000 images: measured, for none.
    expect(Math.abs(theirs - same)).toBeLessThan(0.1);
  });

  test("a flag is refused in one line", () => {
    const message = '--steps must be a whole number ≥ 1, got "0"';
    expect(() => tfjsMnist.readFlags(["--steps", "0"])).toThrow(new FlagError(message));
  });
});
