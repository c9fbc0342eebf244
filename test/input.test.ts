/**
 * Whatever is given to whatever is exported: it succeeds, or throws an error that names what was called, or passes on what the caller's own
 * code threw; and what fails has changed nothing.
 */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { elsewhere } from "../src/common/option-names.ts";
import { Dice } from "./bad-values.ts";
import { runs } from "./long.ts";
import { all, callOne, counts, missing, use, useOne } from "./ordeal.ts";
import { type Callee, membersOf, subjects, tidy } from "./surface.ts";

afterAll(() => console.log("input:", counts));

const property = (one: (seed: number) => Promise<void>) =>
  fc.asyncProperty(fc.integer(), async (seed) => {
    try {
      await one(seed);
    } finally {
      tidy();
    }
  });

/** What a function takes as options, and in a group, which it says when it is given one that it does not know. */
const optionNames = ({ call, args }: Callee): string[] =>
  args().flatMap((_, i) =>
    [(given: unknown) => given, groupOf].flatMap((part) => {
      const given = args();
      const options = part(given[i]);
      if (typeof options !== "object" || options === null) return [];
      Object.assign(options, { nobodys: 1 });
      return known(() => call(...given));
    }),
  );

const groupOf = (given: unknown): unknown => (given as { groups?: unknown[] } | undefined)?.groups?.[0];

function known(act: () => unknown): string[] {
  try {
    act();
    return [];
  } catch (error) {
    return /unknown option nobodys, expected one of (.*)$/.exec(String(error))?.[1].split(", ") ?? [];
  }
}

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

  test("every name that is suggested for an unknown option is one of something", () => {
    const options = new Set(all.flatMap(optionNames));
    tidy();
    for (const [theirs, ours] of elsewhere) {
      expect(theirs).toMatch(/^[a-z0-9]+$/);
      for (const name of ours) expect(options, theirs).toContain(name);
    }
  });

  test("never has the engine's words, and what fails has changed nothing: functions", async () => {
    await fc.assert(property(callOne), { numRuns: runs(12_000, 300_000), endOnFailure: true });
  }, 600_000);

  test("never has the engine's words, and what fails has changed nothing: members", async () => {
    await fc.assert(property(useOne), { numRuns: runs(8_000, 200_000), endOnFailure: true });
  }, 600_000);
});
