import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adam, ema, lbfgs, lookahead, lrRangeTest, sam, scheduleFreeSgd, sgd, swa } from "../src/index.ts";

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

  test("the average of parameters that stay is those, to the bit", () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0.01, max: 0.9999, noNaN: true }), ([row], decay) => {
        const { optimizer, set, get } = make(backend);
        // Where it is −0 it becomes 0.
        set(row.map((x) => x + 0));
        const still = get();
        const [moving, mean, ahead] = [ema(optimizer, { decay }), swa(optimizer), lookahead(optimizer, { every: 1 })];
        for (let t = 0; t < 50; t++) for (const around of [moving, mean, ahead]) around.update();
        for (const around of [moving, mean, ahead])
          expect(Object.values(around.save().params).flatMap((x) => [...x])).toEqual(still);
        expect(get()).toEqual(still);
      }),
    );
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

test("while the averages are in the parameters' place, all but swapping back is refused", () => {
  const optimizer = scheduleFreeSgd({ a: Float64Array.of(1, -2) }, { lr: 0.1 });
  optimizer.step({ a: [1, 2] });
  const [average, other] = [ema(optimizer), swa(optimizer)];
  const [ahead, around] = [lookahead(optimizer), sam(optimizer)];
  const [saved, averages, slow] = [optimizer.save(), average.save(), ahead.save()];
  average.update();
  optimizer.step({ a: [1, 2] });
  const trained = optimizer.save();
  average.swap();
  const swapped = [...optimizer.params.a];
  const calls: readonly [string, () => void][] = [
    ["scheduleFreeSgd", () => optimizer.step()],
    ["scheduleFreeSgd", () => optimizer.eval()],
    ["scheduleFreeSgd", () => optimizer.save()],
    ["scheduleFreeSgd", () => optimizer.load(saved)],
    ["scheduleFreeSgd", () => lrRangeTest(optimizer, () => 1, { from: 1, to: 2, steps: 4 })],
    ["ema", () => average.update()],
    ["ema", () => average.save()],
    ["ema", () => average.load(averages)],
    ["ema", () => average.dispose()],
    ["swa", () => other.update()],
    ["swa", () => other.swap()],
    ["lookahead", () => ahead.update()],
    ["lookahead", () => ahead.save()],
    ["lookahead", () => ahead.load(slow)],
    ["lookahead", () => lookahead(optimizer)],
    ["sam", () => around.step(() => expect.unreachable())],
  ];
  for (const [name, call] of calls)
    expect(call, String(call)).toThrow(new Error(`${name}: the parameters are averages: swap() back first`));
  expect([...optimizer.params.a]).toEqual(swapped);
  average.swap();
  expect(optimizer.save()).toEqual(trained);
  optimizer.step({ a: [1, 2] });
});

test("nothing is averaged that is to evaluate with", () => {
  const optimizer = scheduleFreeSgd({ a: [2] }, { lr: 0.1 });
  optimizer.step({ a: [1, 2] });
  const [average, ahead, around] = [ema(optimizer), lookahead(optimizer), sam(optimizer)];
  optimizer.eval();
  const message = "the parameters are the weights to evaluate with: call train() first";
  expect(() => average.update()).toThrow(new Error(`ema: ${message}`));
  expect(() => average.swap()).toThrow(new Error(`ema: ${message}`));
  expect(() => ahead.update()).toThrow(new Error(`lookahead: ${message}`));
  expect(() => around.step(() => expect.unreachable())).toThrow(new Error(`sam: ${message}`));
});

test("refuses lbfgs's step between two swaps, and an update within its step", () => {
  const optimizer = lbfgs({ a: Float64Array.of(3) });
  const average = ema(optimizer);
  average.swap();
  for (const call of [() => optimizer.step(() => 1), () => optimizer.save()])
    expect(call).toThrow(new Error("lbfgs: the parameters are averages: swap() back first"));
  average.swap();
  optimizer.step(() => {
    expect(() => average.update()).toThrow(new Error("ema: a step is under way: await it first"));
    return 1;
  });
});

test("refuses bad options", () => {
  const { optimizer } = make("plain");
  expect(() => ema(optimizer, { decay: 1 })).toThrow(new RangeError("ema: decay must be in (0, 1), got 1"));
  expect(() => lookahead(optimizer, { every: 0.5 })).toThrow(
    new RangeError("lookahead: every must be a whole number > 0, got 0.5"),
  );
  expect(() => lookahead(optimizer, { alpha: 0 })).toThrow(new RangeError("lookahead: alpha must be in (0, 1), got 0"));
});
