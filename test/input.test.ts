/**
 * Whatever is given to whatever is exported: it succeeds, or throws an error that names what was called, or passes on what the caller's own
 * code threw; and what fails has changed nothing.
 */
import { describe, expect, test } from "vitest";
import { Dice } from "./bad-values.ts";
import { all, missing, use } from "./ordeal.ts";
import { membersOf, subjects, tidy } from "./surface.ts";

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
});
