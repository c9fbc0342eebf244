import * as Plot from "@observablehq/plot";
import { DOMParser, type Element } from "@xmldom/xmldom";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { polynomialDecay } from "../src/index.ts";
import { type PlotCurveOptions, plotCurve, plotSchedule } from "../src/plot/index.ts";
import { thin } from "../src/plot/thin.ts";

const { document } = parseHTML("<html></html>");

type Curves = Parameters<typeof plotCurve>[1];
const draw = (curves: Curves, options: PlotCurveOptions = {}) =>
  parse(plotCurve(Plot, curves, { document, ...options }));

/** Throws if it is no XML. */
function parse(svg: string): Element {
  const parser = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  });
  const root = parser.parseFromString(svg, "image/svg+xml").documentElement;
  if (!root) throw new Error("no root");
  return root;
}

const all = (element: Element, name: string): Element[] => [...element.getElementsByTagName(name)];
const group = (svg: Element, label: string): Element[] =>
  all(svg, "g").filter((g) => g.getAttribute("aria-label") === label);
const texts = (svg: Element): string[] => all(svg, "text").map((text) => text.textContent ?? "");
/** The label's number and the place of every labelled tick of an axis. */
const ticks = (svg: Element, axis: "x" | "y"): number[][] =>
  group(svg, `${axis}-axis tick label`)
    .flatMap((g) => all(g, "text"))
    .filter((text) => text.textContent !== "")
    .map((text) => {
      const [, ...place] = /translate\((.*),(.*)\)/.exec(text.getAttribute("transform") ?? "") ?? [];
      return [Number((text.textContent ?? "").replaceAll(",", "")), Number(place[axis === "x" ? 0 : 1])];
    });
const paths = (svg: Element): string[] =>
  group(svg, "line").flatMap((g) => all(g, "path").map((path) => path.getAttribute("d") ?? ""));
const points = (path: string): number[][] =>
  [...path.matchAll(/[ML]([^MLZ]*)/g)].map(([, point]) => point.split(",").map(Number));

const x = [1, 2, 3, 4, 5];
const y = [3, 1, 4, 1, 5];

describe("the picture", () => {
  const svg = draw({ one: { x, y }, two: { x, y: x } }, { title: "Titled", xLabel: "steps", yLabel: "losses" });

  test("stands alone and fits where it is put", () => {
    expect(svg.namespaceURI).toBe("http://www.w3.org/2000/svg");
    expect(svg.getAttribute("viewBox")).toBe("0 0 800 400");
    expect(svg.getAttribute("role")).toBe("img");
    expect(all(svg, "*").filter((element) => element.hasAttribute("href"))).toEqual([]);
  });

  test("says what it is to those who do not see it", () => {
    expect(all(svg, "title")[0].textContent).toBe("Titled");
    expect(all(svg, "desc")[0].textContent).toBe("losses over steps: one, two");
  });

  test("names itself, its axes and its lines, and has a path for each", () => {
    expect(texts(svg)).toEqual(expect.arrayContaining(["Titled", "steps", "losses", "one", "two"]));
    expect(paths(svg)).toHaveLength(2);
  });

  test("is the same text every time", () => {
    const again = () => plotCurve(Plot, { one: { x, y } }, { document, hover: true, marks: { here: 2 } });
    expect(again()).toBe(again());
  });
});

describe("points lie where the axes say", () => {
  const place = (ticks: number[][], value: number, log: boolean) => {
    const scale = (v: number) => (log ? Math.log(v) : v);
    const [[a, from], [b, to]] = [ticks[0], ticks[ticks.length - 1]];
    return from + ((scale(value) - scale(a)) / (scale(b) - scale(a))) * (to - from);
  };

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("logX %s, logY %s", (logX, logY) => {
    const curve = { x: [1e-7, 3e-5, 0.002, 0.7, 10], y: [2.3, 2.2, 0.004, 0.9, 77] };
    const svg = draw({ curve }, { logX, logY });
    const [xTicks, yTicks] = [ticks(svg, "x"), ticks(svg, "y")];
    expect(Math.min(xTicks.length, yTicks.length)).toBeGreaterThanOrEqual(3);
    points(paths(svg)[0]).forEach(([px, py], i) => {
      // Paths have three decimals.
      expect(px).toBeCloseTo(place(xTicks, curve.x[i], logX), 2);
      expect(py).toBeCloseTo(place(yTicks, curve.y[i], logY), 2);
    });
  });

  test("a schedule is drawn at its indices", () => {
    const svg = parse(plotSchedule(Plot, [polynomialDecay({ init: 8, steps: 4 })], { document, count: 4, start: 1 }));
    const [xTicks, yTicks] = [ticks(svg, "x"), ticks(svg, "y")];
    points(paths(svg)[0]).forEach(([px, py], i) => {
      expect(px).toBeCloseTo(place(xTicks, 1 + i, false), 2);
      expect(py).toBeCloseTo(place(yTicks, [6, 4, 2, 0][i], false), 2);
    });
  });

  test("0 is on a schedule's axis, unless that is logarithmic", () => {
    const high = [polynomialDecay({ init: 90, end: 80, steps: 4 })];
    const labels = (log: boolean) =>
      ticks(parse(plotSchedule(Plot, high, { document, count: 5, log })), "y").map(([label]) => label);
    expect(Math.min(...labels(false))).toBe(0);
    expect(Math.min(...labels(true))).toBe(80);
  });
});

describe("gaps", () => {
  const runs = (curve: Curves[string], options?: PlotCurveOptions) =>
    paths(draw({ curve }, options))[0]
      .split("M")
      .slice(1)
      .map((run) => points(`M${run}`).length);

  test.each([NaN, Infinity, -Infinity, 1e301])("%d is one", (odd) => {
    expect(runs({ x, y: [3, 1, odd, 1, 5] })).toEqual([2, 2]);
    expect(runs({ x: [1, 2, odd, 4, 5], y })).toEqual([2, 2]);
  });

  test.each([0, -0, -1, 1e-301])("%d is one on a logarithmic axis, and only there", (odd) => {
    expect(runs({ x, y: [3, 1, odd, 1, 5] }, { logY: true })).toEqual([2, 2]);
    expect(runs({ x: [odd, 2, 3, 4, 5], y }, { logX: true })).toEqual([4]);
    expect(runs({ x: [odd, 2, 3, 4, 5], y: [3, 1, odd, 1, 5] })).toEqual([5]);
  });

  test("all numbers of a picture are finite, whatever is drawn", () => {
    const number = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, 5e-324, 1e-310, 1, 1 + 2 ** -52, 1e300, -1.7e308, Infinity, NaN),
    );
    const curve = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(curve, fc.boolean(), fc.boolean(), (pairs, logX, logY) => {
        const given = { x: [1, ...pairs.map(([x]) => x)], y: [1, ...pairs.map(([, y]) => y)] };
        const svg = plotCurve(Plot, { given }, { document, logX, logY, hover: true, marks: { m: pairs[0][0] } });
        expect(svg).not.toMatch(/NaN|Infinity/);
      }),
      { numRuns: 300 },
    );
  });
});

/** What XML 1.0 allows, https://www.w3.org/TR/xml/#charsets; xmldom warns of the replacement character. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffc}\u{10000}-\u{10ffff}]/u;

test("any text can be a title or a name", () => {
  // The parser knows the line ends of XML 1.1.
  const lined = (text: string) => text.replaceAll(/\r[\n\u0085]|[\r\u0085\u2028]/g, "\n");
  const text = fc.string({ unit: "binary", minLength: 1 }).filter((text) => !text.includes("\ufffd"));
  fc.assert(
    fc.property(text, text, fc.boolean(), (title, name, hover) => {
      const svg = plotCurve(
        Plot,
        { [name]: { x, y } },
        { document, title, hover, xLabel: title, marks: { [name]: 2 } },
      );
      expect(svg).not.toMatch(FORBIDDEN);
      const [heard] = all(parse(svg), "title");
      if (!FORBIDDEN.test(title)) expect(lined(heard.textContent ?? "")).toBe(lined(title));
    }),
  );
});

test.each(["<b>&amp;</b>", "a \"b\" 'c'", "a\u00a0b]]>", "<!--"])("%s is read as it is written", (name) => {
  const svg = draw({ [name]: { x, y }, other: { x, y } }, { title: name });
  expect(texts(svg).filter((text) => text === name)).toHaveLength(2);
});

describe("several lines", () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`line ${i}`, { x, y: y.map((v) => v + i) }]));

  test("look different, twelve of them, and the legend shows how", () => {
    const svg = draw(many);
    const look = (g: Element) => `${g.getAttribute("stroke")} ${g.getAttribute("stroke-dasharray")}`;
    const looks = group(svg, "line").map(look);
    expect(new Set(looks).size).toBe(12);
    expect(group(svg, "vector").map(look)).toEqual(looks);
    expect(texts(svg)).toEqual(expect.arrayContaining(Object.keys(many)));
  });

  test("in panels each has its own, under its name, on the same scales", () => {
    const schedules = {
      up: polynomialDecay({ init: 0, end: 4, steps: 4 }),
      down: polynomialDecay({ init: 4, steps: 4 }),
    };
    const svg = parse(plotSchedule(Plot, schedules, { document, count: 5, columns: 1 }));
    const [up, down] = paths(svg).map((path) => points(path).map(([, y]) => y));
    expect(up).toEqual(down.toReversed());
    const panels = (element: Element) =>
      element.getAttribute("transform") ?? (element.parentNode as Element).getAttribute("transform");
    const named = all(svg, "text").filter((text) => ["up", "down"].includes(text.textContent ?? ""));
    expect(new Set(named.map((text) => panels(text.parentNode as Element))).size).toBe(2);
  });
});

test("everything that is drawn stands out from white and from GitHub's dark background", () => {
  const svg = plotCurve(Plot, Object.fromEntries([1, 2, 3, 4].map((i) => [`${i}`, { x, y }])), { document });
  const colors = new Set(svg.match(/#[0-9a-f]{6}\b/g));
  expect(colors.size).toBe(5);
  const luminance = (color: string) =>
    [1, 3, 5]
      .map((i) => Number.parseInt(color.slice(i, i + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  // WCAG 2.2, 1.4.11: graphics need 3 : 1.
  for (const color of colors)
    for (const ground of ["#ffffff", "#0d1117"]) {
      const [dark, light] = [luminance(color), luminance(ground)].sort((a, b) => a - b);
      expect((light + 0.05) / (dark + 0.05), `${color} on ${ground}`).toBeGreaterThanOrEqual(3);
    }
});

describe("marks", () => {
  const svg = draw({ loss: { x, y } }, { marks: { late: 4, never: undefined, early: 2, odd: NaN } });

  test("are rules where they should be, with their names and values", () => {
    const rules = group(svg, "rule").flatMap((g) => all(g, "line"));
    const [at2, at4] = [2, 4].map((v) => ticks(svg, "x").find(([label]) => label === v)?.[1]);
    expect(rules.map((rule) => Number(rule.getAttribute("x1")))).toEqual([at2, at4]);
    expect(texts(svg)).toEqual(expect.arrayContaining(["early 2", "late 4"]));
    expect(texts(svg).join()).not.toMatch(/never|odd/);
  });

  test("rise less from left to right, so that none crosses a name on its left", () => {
    const tops = group(svg, "rule")
      .flatMap((g) => all(g, "line"))
      .map((rule) => Number(rule.getAttribute("y1")));
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    expect(new Set(tops).size).toBe(2);
  });
});

describe("long lines", () => {
  test("keep each column's lowest, highest, first and last point", () => {
    const value = fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constant(NaN));
    fc.assert(
      fc.property(fc.array(value, { minLength: 50, maxLength: 400 }), (values) => {
        const long = values.map((y, x) => ({ x, y }));
        const columns = 10;
        const kept = thin(long, columns, false);
        const drawn = long.filter(({ y }) => !Number.isNaN(y));
        fc.pre(drawn.length > 0);
        const [from, to] = [drawn[0].x, drawn[drawn.length - 1].x];
        const outline = (points: typeof long, column: number) => {
          const own = points.filter(
            ({ x, y }) => !Number.isNaN(y) && Math.floor(((x - from) / (to - from || 1)) * columns) === column,
          );
          const ys = own.map(({ y }) => y);
          return [own.at(0), own.at(-1), Math.min(...ys), Math.max(...ys)];
        };
        for (let column = 0; column <= columns; column++)
          expect(outline([...kept], column)).toEqual(outline(long, column));
      }),
    );
  });

  test("a million values make no more than what shows", () => {
    const spike = (k: number) => (k === 123_456 ? 9 : Math.sin(k));
    const long = {
      x: Float64Array.from({ length: 1e6 }, (_, k) => k),
      y: Float64Array.from({ length: 1e6 }, (_, k) => spike(k)),
    };
    const svg = plotCurve(Plot, { long }, { document });
    expect(svg.length).toBeLessThan(100_000);
    expect(ticks(parse(svg), "y").map(([value]) => value)).toContain(8);
  });
});

test("hover shows the values of each point that is drawn", () => {
  const svg = draw({ loss: { x: [1e-7, 2, 3], y: [1, NaN, 12345] } }, { hover: true, xLabel: "lr", yLabel: "l" });
  expect(
    all(svg, "title")
      .slice(1)
      .map((title) => title.textContent),
  ).toEqual(["loss\nlr 1e-7\nl 1", "loss\nlr 3\nl 12,345"]);
});
