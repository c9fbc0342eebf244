/**
 * Whatever is given to whatever is exported: it succeeds, or throws an error that names what was called, or passes on what the caller's own
 * code threw; and what fails has changed nothing.
 */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { Dice } from "./bad-values.ts";
import { runs } from "./long.ts";
import { all, callOne, counts, missing, use, useOne } from "./ordeal.ts";
import { membersOf, subjects, tidy } from "./surface.ts";

afterAll(() => console.log("input:", counts));

const property = (one: (seed: number) => Promise<void>) =>
  fc.asyncProperty(fc.integer(), async (seed) => {
    try {
      await one(seed);
    } finally {
      tidy();
    }
  });

describe("bad input", () => {
  test("every export that is a function has a case", () => {
    expect(missing).toEqual([]);
  });

  test.each(all)("$name takes what its case has", async ({ call, args }) => {
    await call(...args());
    tidy();
  });

  test.each(subjects)("every member of $name has a case, which works", async ({ make, members }) => {
    expect(Object.keys(members).sort()).toEqual(membersOf(make()).sort());
    for (const [member, args] of Object.entries(members)) await use(make(), member, args(), new Dice(0));
    tidy();
  });

  test("never has the engine's words, and what fails has changed nothing: functions", async () => {
    await fc.assert(property(callOne), { numRuns: runs(12_000, 300_000), endOnFailure: true });
  }, 600_000);

  test("never has the engine's words, and what fails has changed nothing: members", async () => {
    await fc.assert(property(useOne), { numRuns: runs(8_000, 200_000), endOnFailure: true });
  }, 600_000);
});
