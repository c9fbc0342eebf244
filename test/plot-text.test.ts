import * as asciichart from "asciichart";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { map, polynomialDecay } from "../src/index.ts";
import { textCurve, textSchedule } from "../src/plot/index.ts";

/** The rows between the axes' names, without what stands left of the y axis. */
function frame(text: string, height: number): string[] {
  const rows = text.split("\n");
  const first = rows.findIndex((row) => /[┤┼]/.test(row));
  return rows.slice(first, first + height + 1).map((row) => row.replace(/^.*?[┤┼]/, ""));
}

test("one line, a point a column, is what asciichart draws", () => {
  const value = fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1000);
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (y, height) => {
      const [low, high] = [Math.min(...y), Math.max(...y)];
      fc.pre(high > low);
      const text = textCurve(asciichart, { y: { x: [...y.keys()], y } }, { width: y.length, height });
      // In units of rows, for asciichart rounds the ends of its range otherwise.
      const rows = y.map((v) => ((v - low) / (high - low)) * height);
      const theirs = asciichart.plot([...rows, rows[rows.length - 1]], { height, min: 0, max: height });
      expect(frame(text, height)).toEqual(frame(theirs, height).map((row) => row.trimEnd()));
    }),
  );
});

const x = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const flat = x.map(() => 1);

describe("gaps", () => {
  test.each([NaN, Infinity, -Infinity])("%d is one", (odd) => {
    const y = flat.with(4, odd);
    expect(frame(textCurve(asciichart, { y: { x, y } }, { width: 10, height: 2 }), 2)[1]).toBe("──── ─────");
  });

  test("so is what is not > 0 on a logarithmic axis, and what is before and after a line", () => {
    const short = { x: [2, 3, 4, 5, 6], y: [1, 1, 0, 1, 1] };
    const text = textCurve(asciichart, { short }, { width: 5, height: 2, logY: true });
    expect(frame(text, 2)[1]).toBe("── ──");
    const all = { x, y: x.map((k) => k + 10) };
    const both = textCurve(asciichart, { all, short: { ...short, y: flat.slice(0, 5) } }, { width: 10, height: 9 });
    expect(frame(both, 9)[9]).toBe("  bbbbb");
  });

  test("few points are joined", () => {
    const text = textCurve(asciichart, { y: { x: [0, 9], y: [0, 9] } }, { width: 10, height: 9 });
    expect(frame(text, 9)[4]).toBe("    ╭╯");
  });

  test("whatever is drawn, the chart has its height and no number in it is not finite", () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 5e-324, 1, 1 + 2 ** -52, -1.7e308, Infinity, NaN));
    const curve = fc.array(fc.tuple(number, number), { maxLength: 20 });
    fc.assert(
      fc.property(curve, fc.boolean(), fc.boolean(), (pairs, logX, logY) => {
        const given = { x: [1, ...pairs.map(([x]) => x)], y: [1, ...pairs.map(([, y]) => y)] };
        const text = textCurve(asciichart, { given }, { logX, logY, height: 7 });
        expect(text.split("\n")).toHaveLength(1 + 8 + 1);
        expect(text).not.toMatch(/NaN|Infinity|undefined/);
      }),
    );
  });
});

describe("a line that goes back", () => {
  test("is drawn as it is forwards", () => {
    const y = x.map((k) => (k - 3) ** 2);
    const [there, back] = [
      { x, y },
      { x: x.toReversed(), y: y.toReversed() },
    ];
    const draw = (line: typeof there) => textCurve(asciichart, { line }, { width: 30, height: 6 });
    expect(draw(back)).toBe(draw(there));
  });

  test("shows both of its ways, turns and gaps", () => {
    const loop = { x: [0, 4, 8, 4, 0], y: [0, 0, 2, 4, 4] };
    const rows = frame(textCurve(asciichart, { loop }, { width: 9, height: 4 }), 4);
    expect([rows[0].slice(0, 4), rows[4].slice(0, 4)]).toEqual(["────", "────"]);
    const cut = { x: [0, 9, NaN, 8, 0], y: [0, 0, 0, 1, 1] };
    expect(frame(textCurve(asciichart, { cut }, { width: 10, height: 1 }), 1)).toEqual(["─────────", "──────────"]);
  });
});

test("any width will do", () => {
  const rise = { x: [0, 1000, 2000], y: [0, 1, 2] };
  for (let width = 1; width < 20; width++) {
    const curve = textCurve(asciichart, { rise }, { width, height: 3, marks: { here: 1000 } }).split("\n");
    expect(curve).toHaveLength(1 + 4 + 1 + 1);
    expect(curve[5].trim()).toMatch(/^0 .*2,000$/);
    const schedules = [polynomialDecay({ init: 1, steps: 99 }), polynomialDecay({ init: 2, steps: 99 })];
    for (const columns of [undefined, 1, 2])
      expect(textSchedule(asciichart, schedules, { count: 100, width, columns })).toMatch(/^ *0 .*99/m);
  }
});

test("a list of schedules goes by what they are, also with a function that has no name", () => {
  const mine = map((k) => k);
  expect(mine.name).toBe("map");
  const text = textSchedule(asciichart, [mine, polynomialDecay({ init: 1, steps: 3 })], { count: 4 });
  expect(text).toContain("a map   b polynomialDecay");
});

describe("what stands around it", () => {
  const rise = { x: [1e-4, 1e-2, 1], y: [0.1, 1, 10] };
  const text = textCurve(
    asciichart,
    { rise },
    {
      title: "T",
      xLabel: "lr",
      yLabel: "loss",
      logX: true,
      logY: true,
      width: 40,
      height: 4,
      marks: { early: 1e-3, late: 0.1, never: undefined },
    },
  );
  const rows = text.split("\n");

  test("title, axes and marks", () => {
    expect(rows.slice(0, 2)).toEqual(["T", "loss"]);
    expect(rows[7].trim().split(/\s+/)).toEqual(["1e-4", "lr", "1"]);
    expect(rows.slice(8).map((row) => row.trim())).toEqual(["↑ early 0.001", "late 0.1 ↑"]);
    // A quarter and three quarters of the decades.
    const margin = rows[2].search(/[┤┼]/) + 1;
    expect(rows.slice(8).map((row) => row.indexOf("↑") - margin)).toEqual([10, 29]);
  });

  test("a logarithmic axis has equal ratios", () => {
    const labels = rows.slice(2, 7).map((row) => Number(/[\d.]+/.exec(row)?.[0]));
    expect(labels).toEqual([10, 3.16, 1, 0.316, 0.1]);
  });

  test("letters tell lines apart, or colours, on request", () => {
    const curves = { first: rise, second: { ...rise, y: [1, 1, 1] } };
    const letters = textCurve(asciichart, curves, { width: 20 });
    expect(letters).toContain("a first   b second");
    expect(letters).not.toContain("\x1b");
    const colors = textCurve(asciichart, curves, { width: 20, color: true });
    expect(colors).toContain(`${asciichart.green}─${asciichart.reset} first`);
    const bare = (text: string) =>
      [asciichart.green, asciichart.blue, asciichart.reset].reduce((t, c) => t.replaceAll(c, ""), text);
    expect(
      bare(colors)
        .split("\n")
        .map((row) => row.replaceAll(/\S/g, "x")),
    ).toEqual(letters.split("\n").map((row) => row.replaceAll(/\S/g, "x")));
  });

  test("0 is on a schedule's axis, unless that is logarithmic", () => {
    const high = [polynomialDecay({ init: 90, end: 80, steps: 4 })];
    const lowest = (log: boolean) =>
      Number(/(\d+)[┤┼]/.exec(textSchedule(asciichart, high, { count: 5, log, height: 1 }).split("\n")[2])?.[1]);
    expect([lowest(false), lowest(true)]).toEqual([0, 80]);
  });

  test("schedules side by side, on one scale", () => {
    const schedules = {
      one: polynomialDecay({ init: 4, steps: 4 }),
      two: polynomialDecay({ init: 2, steps: 4 }),
      three: polynomialDecay({ init: 0, end: 4, steps: 4 }),
    };
    const rows = textSchedule(asciichart, schedules, { count: 5, columns: 2, width: 12, height: 4 }).split("\n");
    expect(rows[0]).toBe("learning rate");
    expect(rows.filter((row) => /one|two|three/.test(row)).map((row) => row.trim().split(/\s+/))).toEqual([
      ["one", "two"],
      ["three"],
    ]);
    expect(rows.filter((row) => row.includes("step")).map((row) => row.trim().split(/\s+/))).toEqual([
      ["0", "step", "4", "0", "step", "4"],
      ["0", "step", "4"],
    ]);
    // Half of the highest begins in the middle.
    expect(rows[5]).toMatch(/^ 2┤.* 2┼/);
  });
});
