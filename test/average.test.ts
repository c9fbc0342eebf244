import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adam, ema, lookahead, sgd, swa } from "../src/index.ts";

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
const rows = fc.array(fc.array(finite, { minLength: 5, maxLength: 5 }), { minLength: 2, maxLength: 20 });

/** An optimizer whose parameters a test sets by hand. */
const make = (backend: "wasm" | "plain", dtype: "f32" | "f64" = "f32") => {
  const optimizer = sgd({ a: [3], b: [2] }, { backend, dtype });
  const set = (row: readonly number[]) => {
    optimizer.params.a.set(row.slice(0, 3));
    optimizer.params.b.set(row.slice(3));
  };
  const get = () => [...optimizer.params.a, ...optimizer.params.b];
  return { optimizer, set, get };
};

describe.each(["wasm", "plain"] as const)("on %s", (backend) => {
  test("swapping twice restores every bit", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { optimizer, set, get } = make(backend);
        const average = ema(optimizer, { decay: 0.9 });
        for (const row of list) {
          set(row);
          average.update();
        }
        const before = get();
        average.swap();
        expect(average.swapped).toBe(true);
        average.swap();
        expect(get()).toEqual(before);
      }),
    );
  });

  test("ema is the exponentially weighted sum", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { optimizer, set, get } = make(backend, "f64");
        const average = ema(optimizer, { decay: 0.75 });
        for (const row of list) {
          set(row);
          average.update();
        }
        average.swap();
        const n = list.length;
        get().forEach((value, i) => {
          const terms = list.map((row, k) => row[i] * (k === 0 ? 0.75 ** (n - 1) : 0.25 * 0.75 ** (n - 1 - k)));
          // Twenty additions of numbers below 1e6, each rounded to 2^-53 of them.
          expect(Math.abs(value - terms.reduce((a, b) => a + b, 0))).toBeLessThan(20 * 1e6 * 2 ** -52);
        });
      }),
    );
  });

  test("swa is the mean", () => {
    const { optimizer, set, get } = make(backend);
    const average = swa(optimizer);
    for (const x of [1, 2, 6, 3]) {
      set([x, 2 * x, -x, 0, 1]);
      average.update();
    }
    average.swap();
    expect(average.count).toBe(4);
    expect(get()).toEqual([3, 6, -3, 0, 1]);
  });

  test("training goes on from where it was after an evaluation with the averages", () => {
    const runs = [true, false].map((evaluates) => {
      const optimizer = adam({ a: Float32Array.of(1, -2, 3) }, { backend });
      const average = ema(optimizer);
      for (let t = 0; t < 5; t++) {
        optimizer.step({ a: [0.1 * t, 1, -2] });
        average.update();
        if (!evaluates) continue;
        average.swap();
        average.swap();
      }
      return optimizer.params;
    });
    expect(runs[0]).toEqual(runs[1]);
  });

  test("lookahead goes half way back at every fifth step, from where it began", () => {
    const { optimizer, set, get } = make(backend);
    set([0, 8, 0, 0, 0]);
    const ahead = lookahead(optimizer);
    for (let t = 1; t <= 4; t++) {
      set([t, 8, 0, 0, 0]);
      ahead.update();
      expect(get()[0]).toBe(t);
    }
    set([5, 8, 0, 0, 0]);
    ahead.update();
    expect(get()).toEqual([2.5, 8, 0, 0, 0]);
  });
});

test("refuses an update while swapped, and bad options", () => {
  const { optimizer } = make("plain");
  const average = ema(optimizer);
  average.swap();
  expect(() => average.update()).toThrow(new Error("average: swap back before the next update"));
  expect(() => ema(optimizer, { decay: 1 })).toThrow(new RangeError("ema: decay must be in (0, 1), got 1"));
  expect(() => lookahead(optimizer, { every: 0.5 })).toThrow(
    new RangeError("lookahead: every must be a whole number > 0, got 0.5"),
  );
  expect(() => lookahead(optimizer, { alpha: 0 })).toThrow(new RangeError("lookahead: alpha must be in (0, 1), got 0"));
});
