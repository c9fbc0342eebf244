import { execSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { DOMParser } from "@xmldom/xmldom";
import { describe, expect, test } from "vitest";
import { gallery, STEPS } from "../examples/schedules/gallery.ts";
import * as schedules from "../src/schedules/index.ts";

const readme = readFileSync("README.md", "utf8");

/** Runs a command as the README prints it. */
const run = (command: string): string => execSync(command, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

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
    const command = "npx tsx examples/schedules";
    expect(readme).toContain(`\`${command}\``);
    rmSync("build/schedules.html", { force: true });
    expect(run(command)).toBe(`${path}\nbuild/schedules.html\n`);
    expect(readFileSync(path, "utf8")).toBe(committed);
    expect(readFileSync("build/schedules.html", "utf8")).toMatch(
      /^<!doctype html>[\s\S]*<title>oneCycle\nstep 0\nlearning rate 0.04</,
    );
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

  test.each([
    ["--steps 1", '--steps must be a whole number ≥ 2, got "1"'],
    ["--lr 3", "unknown flag --lr: expected one of --steps, --seed, --help"],
    ["fast", 'unexpected argument "fast": expected one of --steps, --seed, --help'],
  ])("%s is refused in one line", (flags, message) => {
    const { status, stderr, stdout } = spawnSync("npx", ["tsx", "examples/find-lr", ...flags.split(" ")], {
      encoding: "utf8",
    });
    expect([status, stderr, stdout]).toEqual([2, `${message}\n`, ""]);
  });
});
