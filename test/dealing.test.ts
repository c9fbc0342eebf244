/** How parameters find their groups. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HyperparameterTable } from "../src/engine/hyperparameters.ts";
import { assignToGroups, optionSets } from "../src/engine/layout.ts";
import type { Match } from "../src/engine/match.ts";
import type { Spec } from "../src/engine/spec.ts";
import { Arena, adam } from "../src/index.ts";
import type { Tensor } from "../src/memory/tensors.ts";

const letters = ["a", "b", "c", "d", "e"];
const letter = fc.constantFrom(...letters);

describe("a parameter belongs to the first group that matches", () => {
  const match = fc.oneof(
    letter,
    fc.array(letter).map((list) => new RegExp(`^[${list.join("")}]$`, "g")),
    fc.array(letter).map((list) => (name: string) => list.includes(name)),
  );
  const takes = (match: Match, name: string): boolean => {
    if (typeof match === "string") return match === name;
    return match instanceof RegExp ? new RegExp(match.source).test(name) : match(name, []);
  };

  test("whatever is a name, a pattern or a function", () => {
    fc.assert(
      fc.property(fc.array(match, { maxLength: 6 }), (matches) => {
        const firsts = letters.map((name) => matches.findIndex((match) => takes(match, name)));
        const shapes = Object.fromEntries(letters.map((name) => [name, [1]]));
        const groups = matches.map((match, i) => ({ match, lr: i }));
        const idle = matches.findIndex((_, i) => !firsts.includes(i));
        if (idle >= 0) {
          expect(() => adam(shapes, { groups })).toThrow(`adam: groups[${idle}].match must match`);
          return;
        }
        const optimizer = adam(shapes, { lr: 99, groups });
        const found = letters.map((name) => optimizer.hyper("lr", name));
        expect(found).toEqual(firsts.map((i) => (i < 0 ? 99 : i)));
      }),
    );
  });

  test("functions are asked in their order, once a parameter, and no further than needed", () => {
    const asked: string[] = [];
    const asks = (id: number, own: string) => (name: string) => {
      asked.push(`${name}${id}`);
      return name === own;
    };
    const groups = ["a", asks(1, "b"), "c", asks(3, "d")].map((match) => ({ match }));
    adam({ a: [1], b: [1], c: [1], d: [1], e: [1] }, { groups });
    expect(asked).toEqual(["b1", "c1", "d1", "d3", "e1", "e3"]);
  });
});

/** How often names are read while `count` parameters find a group each. */
function reads(count: number): number {
  let reads = 0;
  const spec = adam.spec as Spec;
  const names = Array.from({ length: count }, (_, i) => `layer ${i}`);
  const groups = names.map((match) => ({ match, weightDecay: 0 }));
  const sets = optionSets(spec, new HyperparameterTable(spec), { groups }, "f32");
  const tensors = names.map(
    (own): Tensor => ({
      get name() {
        reads++;
        return own;
      },
      shape: [1],
      length: 1,
      source: undefined,
    }),
  );
  expect(assignToGroups("adam", sets, tensors).filter(({ members }) => members.length === 1).length).toBe(count);
  return reads;
}

test("twice as many groups by name take twice the work", () => {
  expect(reads(500)).toBeGreaterThanOrEqual(500);
  expect(reads(4000)).toBe(2 * reads(2000));
});

test("an arena's free stretches are what nobody has, in whatever order they came", () => {
  const blocks = fc.shuffledSubarray(Array.from({ length: 12 }, (_, i) => i));
  fc.assert(
    fc.property(blocks, blocks, (first, second) => {
      const arena = new Arena({ bytes: 12 * 64, backend: "plain" });
      const used = Array<boolean>(12).fill(true);
      for (const _ of used) arena.allocate("test", 64);
      for (const list of [first, second])
        for (const i of list)
          if (used[i]) {
            arena.release(i * 64, 64);
            used[i] = false;
          }
      const longest = used
        .map((taken) => (taken ? " " : "x"))
        .join("")
        .split(" ")
        .map(({ length }) => length);
      expect(arena.available).toBe(64 * Math.max(...longest));
      if (arena.available > 0) expect(used[arena.allocate("test", 64) / 64]).toBe(false);
    }),
  );
});
