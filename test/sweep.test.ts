import { describe, expect, test } from "vitest";
import { sgd, sweep } from "../src/index.ts";
import { quadratic, random } from "./quadratics.ts";
import { loose } from "./refusals.ts";

/** Gradient descent on the quadratic of a seed, whose L the rate is in units of. */
const descent = (lr: number, seed: number) => {
  const { start, L, gradient } = quadratic(random(seed));
  const optimizer = sgd({ x: start }, { lr: lr / L });
  return () => {
    const loss = gradient(optimizer.params.x, optimizer.grads.x) / L;
    optimizer.step();
    return loss;
  };
};
const options = { lrs: [0.001, 0.1, 1, 1.9, 60], seeds: [1, 2, 3], steps: 200 };

describe("sweep", () => {
  test("runs every rate on every seed, and finds the best where theory has it", () => {
    const { rows, best } = sweep(descent, options);
    expect(rows.map(({ lr }) => lr)).toEqual(options.lrs);
    for (const { losses, lr } of rows)
      for (const [i, seed] of options.seeds.entries()) {
        const step = descent(lr, seed);
        expect([...losses[i].subarray(0, 20)]).toEqual(Array.from({ length: 20 }, step));
      }
    // Between 1 / L and 2 / L, the nearer to 2 / (μ + L) the better.
    expect(best).toBe(1.9);
    const ends = rows.map(({ loss }) => loss);
    expect(ends.slice(0, 4)).toEqual(ends.slice(0, 4).toSorted((a, b) => b - a));
  });

  test("a run ends with the first loss that is not finite, and its rate cannot be the best", () => {
    const { rows, best } = sweep(descent, { ...options, lrs: [60] });
    expect(rows[0].diverged).toBe(3);
    expect(rows[0].loss).toBeNaN();
    for (const losses of rows[0].losses) {
      expect(losses.length).toBeLessThan(200);
      expect([...losses].findIndex((loss) => !Number.isFinite(loss))).toBe(losses.length - 1);
    }
    expect(best).toBeUndefined();
  });

  test("the loss is the mean over the runs of the last tenth's mean", () => {
    const make = (lr: number, seed: number) => (k: number) => lr + 10 * seed + k;
    const { rows } = sweep(make, { lrs: [1], seeds: [0, 1], steps: 20 });
    expect(rows[0]).toMatchObject({ loss: 24.5, lowest: 19.5, highest: 29.5, diverged: 0 });
    expect(sweep(make, { lrs: [2, 1], steps: 1 }).best).toBe(1);
  });

  test("a loss that is finite has not diverged, however large", () => {
    const { rows, best } = sweep(() => () => 1.5e308, { lrs: [1], seeds: [1, 2], steps: 40 });
    expect(rows[0]).toMatchObject({ loss: 1.5e308, lowest: 1.5e308, highest: 1.5e308, diverged: 0 });
    expect(best).toBe(1);
  });

  test("takes promises of runs and of losses, and gives the same", async () => {
    const sync = sweep(descent, options);
    const steps = sweep((lr, seed) => {
      const step = descent(lr, seed);
      return async () => step();
    }, options);
    const runs = sweep(async (lr, seed) => descent(lr, seed), options);
    expect(await steps).toEqual(sync);
    expect(await runs).toEqual(sync);
  });

  test("takes a step of each in turn, tells how far it is, and stops when it is aborted", () => {
    const order: string[] = [];
    const controller = new AbortController();
    const make = (lr: number) => (k: number) => {
      order.push(`${lr}:${k}`);
      return 1;
    };
    const progress = ({ step, steps }: { step: number; steps: number }) => {
      order.push(`${step} of ${steps}`);
      if (step === 1) controller.abort(new Error("enough"));
    };
    expect(() => sweep(make, { lrs: [1, 2], steps: 9, progress, signal: controller.signal })).toThrow("enough");
    expect(order).toEqual(["1:0", "2:0", "0 of 9", "1:1", "2:1", "1 of 9"]);
  });
});

describe("a signal that is aborted", () => {
  test("before makes no run, while one is made no other, and in the last step no result", async () => {
    const aborted = AbortSignal.abort(new Error("before"));
    const never = () => {
      throw new Error("called after the end");
    };
    expect(() => sweep(never, { lrs: [1], steps: 1, signal: aborted })).toThrow("before");

    const making = new AbortController();
    const made: number[] = [];
    const make = async (lr: number) => {
      made.push(lr);
      making.abort(new Error("making"));
      return () => 1;
    };
    await expect(sweep(make, { lrs: [1, 2], steps: 1, signal: making.signal })).rejects.toThrow("making");
    expect(made).toEqual([1]);

    for (const by of ["step", "progress"]) {
      const last = new AbortController();
      const abort = (where: string) => where === by && last.abort(new Error(by));
      const run = () => () => {
        abort("step");
        return 1;
      };
      const options = { lrs: [1], steps: 1, progress: () => abort("progress"), signal: last.signal };
      expect(() => sweep(run, options)).toThrow(by);
    }
  });
});

describe("sweep refuses", () => {
  const make = () => () => 1;
  test.each<[object, Error]>([
    [{ steps: 1 }, new TypeError("sweep: lrs must be an array of numbers, got undefined")],
    [{ lrs: ["1"], steps: 1 }, new TypeError('sweep: lrs must be an array of numbers, got ["1"]')],
    [
      { lrs: [], steps: 1 },
      new RangeError("sweep: lrs must be a list of at least one rate, each a finite number ≥ 0, got []"),
    ],
    ...[NaN, -1, Infinity].map((lr): [object, Error] => [
      { lrs: [1, lr], steps: 1 },
      new RangeError(`sweep: lrs must be a list of at least one rate, each a finite number ≥ 0, got [1, ${lr}]`),
    ]),
    ...[[], [NaN]].map((seeds): [object, Error] => [
      { lrs: [1], seeds, steps: 1 },
      new RangeError(`sweep: seeds must be a list of at least one seed, each a finite number, got [${seeds}]`),
    ]),
    [{ lrs: [1] }, new TypeError("sweep: steps must be a number, got undefined")],
    [{ lrs: [1], steps: 0 }, new RangeError("sweep: steps must be a whole number > 0, got 0")],
    [{ lrs: [1], steps: 1, progress: {} }, new TypeError("sweep: progress must be a function, got an object")],
    [{ lrs: [1], steps: 1, signal: 1 }, new TypeError("sweep: signal must be an AbortSignal, got 1")],
    [
      { lr: 1 },
      new TypeError(
        "sweep: unknown option lr (did you mean lrs?), expected one of lrs, steps, seeds, progress, signal",
      ),
    ],
  ])("%o", (options, error) => {
    expect(() => loose(sweep)(make, options)).toThrow(error);
  });

  test("what makes no run, or a run that gives no loss", () => {
    const options = { lrs: [1], steps: 1 };
    expect(() => loose(sweep)(1, options)).toThrow(new TypeError("sweep: make must be a function, got 1"));
    expect(() => loose(sweep)(() => 1, options)).toThrow(new TypeError("sweep: make must return a function, got 1"));
    expect(() => loose(sweep)(() => () => "1", options)).toThrow(
      new TypeError('sweep: a loss must be a number, got "1"'),
    );
  });
});
