import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  adam,
  lbfgs,
  lookahead,
  lrRangeTest,
  type Optimizer,
  type RangeTestProgress,
  sam,
  sgd,
  stepDecay,
} from "../src/index.ts";
import * as optimizers from "../src/optimizers/index.ts";
import { suggest, trimmed } from "../src/tuning/suggestions.ts";
import { logUniform, quadratic, random } from "./quadratics.ts";
import { loose, refusals } from "./refusals.ts";

interface Curve {
  readonly lrs: readonly number[];
  readonly losses: readonly (number | null)[];
  readonly valley: number | null;
  readonly steep: number | null;
  readonly minimum: number | null;
  readonly slide: number | null;
}

describe("suggestions", () => {
  const { curves }: { curves: Curve[] } = JSON.parse(readFileSync("test/fixtures/suggestions.json", "utf8"));

  test.each(curves.map((curve, i) => [i, curve] as const))("are fastai's for curve %i", (_, curve) => {
    const end = curve.losses.indexOf(null);
    const cut = (x: readonly (number | null)[]) => {
      const rows = trimmed(
        Float64Array.from(x, (value) => value ?? NaN),
        x.length,
      );
      return end < 0 ? rows : rows.subarray(0, end - Math.floor(x.length / 10));
    };
    const { valley, steepest, minimum, slide } = suggest(cut(curve.lrs), cut(curve.losses));
    expect({ valley, steep: steepest, minimum, slide: slide ?? null }).toEqual({
      valley: curve.valley,
      steep: curve.steep,
      minimum: curve.minimum,
      slide: curve.slide,
    });
  });

  test("where the curve is too short there are none, and where it is short none that is no rate", () => {
    const lrs = Float64Array.of(1e-3, 1e-2, 1e-1);
    const none = { valley: undefined, steepest: undefined, minimum: undefined, slide: undefined };
    expect(suggest(lrs.subarray(0, 0), lrs.subarray(0, 0))).toEqual(none);
    // fastai's valley begins before the first here and takes the last.
    expect(suggest(lrs, Float64Array.of(2, 1, 1)).valley).toBe(1e-3);
  });
});

/** Σ (x − 1)² / 2 */
function bowl({ params, grads }: Pick<Optimizer, "params" | "grads">): number {
  let loss = 0;
  const views = Object.values<Float32Array | Float64Array>(grads);
  for (const [n, x] of Object.values<Float32Array | Float64Array>(params).entries())
    for (let i = 0; i < x.length; i++) {
      views[n][i] = x[i] - 1;
      loss += (x[i] - 1) ** 2 / 2;
    }
  return loss;
}

/** An optimizer of any kind and parameters. */
const any = (optimizer: unknown) => optimizer as Optimizer<Readonly<Record<string, Float32Array>>>;

type Make = (params: Readonly<Record<string, Float32Array | Float64Array>>, options?: object) => Optimizer;
const makers = Object.values(optimizers).map((factory) => [factory.spec.name, factory as unknown as Make] as const);
const start = { a: Float32Array.of(3, -2, 0.5), b: Float32Array.of(1.5) };
const steps = <O extends Pick<Optimizer, "params" | "grads" | "step">>(optimizer: O, count: number): O => {
  for (let k = 0; k < count; k++) {
    bowl(optimizer);
    optimizer.step();
  }
  return optimizer;
};

describe.each(makers)("%s", (_, make) => {
  test.each(["wasm", "plain"] as const)("goes on as if there had been no test, to the bit, on %s", async (backend) => {
    const options = { backend, lr: stepDecay({ init: 0.01, rate: 0.5, every: 3 }) };
    const [alone, tested, awaited] = [0, 1, 2].map(() => steps(make(start, options), 5));
    const before = { saved: tested.save(), grads: structuredClone(tested.grads), lr: tested.lr };
    lrRangeTest(tested, () => bowl(tested), { from: 1e-3, to: 1e3 });
    expect({ saved: tested.save(), grads: tested.grads, lr: tested.lr }).toEqual(before);
    await lrRangeTest(awaited, async () => bowl(awaited), { from: 1e-3, to: 1e3 });
    for (const optimizer of [alone, tested, awaited]) steps(optimizer, 5);
    expect(tested.save()).toEqual(alone.save());
    expect(awaited.save()).toEqual(alone.save());
  });
});

describe("what it puts back", () => {
  test("an lr that was set, and the arrays of inPlace", () => {
    const mine = { a: Float32Array.of(3, -2) };
    const optimizer = any(sgd(mine, { lr: 1, inPlace: true }));
    optimizer.lr = 0.25;
    lrRangeTest(optimizer, () => bowl(optimizer), { steps: 20 });
    expect(optimizer.lr).toBe(0.25);
    expect([...mine.a]).toEqual([3, -2]);
    bowl(optimizer);
    optimizer.step();
    expect([...mine.a]).toEqual([2.5, -1.25]);
  });

  test("all of it when the closure throws, or what it promises, or step()", async () => {
    const optimizer = steps(any(adam(start, { onNonFinite: "throw" })), 3);
    const before = optimizer.save();
    const failing = (step: number) => {
      if (step === 4) throw new Error("no data");
      return bowl(optimizer);
    };
    expect(() => lrRangeTest(optimizer, failing)).toThrow("no data");
    expect(optimizer.save()).toEqual(before);
    await expect(lrRangeTest(optimizer, async (step) => failing(step))).rejects.toThrow("no data");
    expect(optimizer.save()).toEqual(before);
    const infinite = () => {
      optimizer.grads.a[0] = Infinity;
      return 1;
    };
    expect(() => lrRangeTest(optimizer, infinite)).toThrow("adam: the gradient of a is not finite at step 3");
    expect(optimizer.save()).toEqual(before);
  });

  test("all of it when it is aborted, with the reason", async () => {
    const optimizer = steps(any(adam(start)), 3);
    const before = optimizer.save();
    const controller = new AbortController();
    const reason = new Error("enough");
    let calls = 0;
    const progress = ({ step }: RangeTestProgress) => {
      calls++;
      if (step === 6) controller.abort(reason);
    };
    const { signal } = controller;
    const promise = lrRangeTest(optimizer, async () => bowl(optimizer), { progress, signal });
    await expect(promise).rejects.toBe(reason);
    expect(calls).toBe(7);
    expect(optimizer.save()).toEqual(before);
    const untouched = () => {
      throw new Error("called after the end");
    };
    expect(() => lrRangeTest(optimizer, untouched, { signal })).toThrow(reason);
  });

  test("also when it is aborted in the last step", async () => {
    const optimizer = steps(any(adam(start)), 3);
    const before = optimizer.save();
    const [inClosure, inProgress] = [new AbortController(), new AbortController()];
    const closure = async (step: number) => {
      if (step === 4) inClosure.abort(new Error("in the closure"));
      return bowl(optimizer);
    };
    const progress = ({ step }: RangeTestProgress) => {
      if (step === 4) inProgress.abort(new Error("in progress"));
    };
    const short = { steps: 5 };
    await expect(lrRangeTest(optimizer, closure, { ...short, signal: inClosure.signal })).rejects.toThrow(
      "in the closure",
    );
    const { signal } = inProgress;
    expect(() => lrRangeTest(optimizer, () => bowl(optimizer), { ...short, progress, signal })).toThrow("in progress");
    expect(optimizer.save()).toEqual(before);
  });
});

describe("the curve", () => {
  test.each([
    ["linear", 1e-5, 5e-5, [1e-5, 2e-5, 3e-5, 4e-5, 5e-5]],
    ["exponential", 1e-5, 0.1, [1e-5, 1e-4, 1e-3, 1e-2, 0.1]],
  ] as const)("takes pytorch-lr-finder's rates: %s", (shape, from, to, expected) => {
    const optimizer = any(sgd(start));
    const { lrs, ended } = lrRangeTest(optimizer, () => bowl(optimizer), { from, to, shape, steps: 5 });
    expect(ended).toBe("complete");
    lrs.forEach((lr, i) => {
      // Four units in the last place of a double.
      expect(Math.abs(lr / expected[i] - 1)).toBeLessThan(2 ** -50);
    });
  });

  test("is of the losses before each step, smoothed as fastai does, and told step by step", () => {
    const optimizer = any(sgd({ x: Float64Array.of(2) }));
    const told: RangeTestProgress[] = [];
    const options = { from: 0.1, to: 0.2, steps: 3, shape: "linear", smoothing: 0.5 } as const;
    const curve = lrRangeTest(optimizer, () => bowl(optimizer), { ...options, progress: (p) => told.push(p) });
    const errors = [1, 0.9, 0.9 * 0.85];
    const losses = errors.map((x) => (x * x) / 2);
    losses.forEach((loss, i) => {
      expect(curve.losses[i]).toBeCloseTo(loss, 14);
    });
    expect(curve.smoothed[0]).toBe(0.5);
    expect(curve.smoothed[1]).toBeCloseTo((0.25 * losses[0] + 0.5 * losses[1]) / 0.75, 14);
    expect(told.map(({ step }) => step)).toEqual([0, 1, 2]);
    expect(told.map(({ smoothed }) => smoothed)).toEqual([...curve.smoothed]);
    expect(told.map(({ lr }) => lr)).toEqual([...curve.lrs]);
  });

  test("ends where the smoothed loss is stopAt times its lowest, also for losses below 0", () => {
    for (const offset of [0, -100]) {
      const optimizer = any(sgd(start));
      const closure = () => bowl(optimizer) + offset;
      const { ended, smoothed } = lrRangeTest(optimizer, closure, { from: 1.9, to: 1e3, stopAt: 3, smoothing: 0 });
      expect(ended).toBe("diverged");
      const best = Math.min(...smoothed);
      const rises = [...smoothed].map((loss) => loss - best > 2 * Math.abs(best));
      expect(rises.indexOf(true)).toBe(smoothed.length - 1);
    }
  });

  test("ends before a loss, or with a gradient, that is not finite", () => {
    const optimizer = any(sgd(start));
    const loss = lrRangeTest(optimizer, (step) => (step < 7 ? bowl(optimizer) : NaN));
    expect([loss.ended, loss.lrs.length]).toEqual(["not finite", 7]);
    const gradient = lrRangeTest(optimizer, (step) => {
      const value = bowl(optimizer);
      if (step === 7) optimizer.grads.a[0] = NaN;
      return value;
    });
    expect([gradient.ended, gradient.lrs.length]).toEqual(["not finite", 7]);
    expect(optimizer.skipped).toBe(0);
  });
});

describe("what is suggested", () => {
  test("is for a rate that something trained uses: groups with their own do not", () => {
    const run = (groups: object[]) => {
      const optimizer = any(sgd(start, { groups } as object));
      return lrRangeTest(optimizer, () => bowl(optimizer), { to: 1e3 });
    };
    const own = { match: "a", lr: 0.1 };
    expect(run([own]).suggestion).toBeDefined();
    for (const other of [
      { match: "b", lr: 0.2 },
      { match: "b", trainable: false },
    ]) {
      const { suggestions, suggestion, confidence } = run([own, other]);
      expect([...Object.values(suggestions), suggestion]).toEqual(Array(5).fill(undefined));
      expect(confidence).toBe("low");
    }
  });

  test("was tried, and what is taken lies before the loss rose, on 100 quadratics", () => {
    const next = random(17);
    for (let i = 0; i < 100; i++) {
      const { start, L, gradient } = quadratic(next);
      const optimizer = sgd({ x: start });
      const from = (logUniform(next, 1e-6, 1) * 2) / L;
      const loss = () => gradient(optimizer.params.x, optimizer.grads.x);
      const { suggestions, suggestion, lrs } = lrRangeTest(optimizer, loss, { from, to: (1e3 * 2) / L });
      for (const found of Object.values(suggestions)) {
        if (!found) continue;
        expect(found.lr).toBeGreaterThanOrEqual(from);
        expect(found.lr).toBeLessThanOrEqual(lrs[lrs.length - 1]);
        // A quadratic's loss rises from 2 / L on.
        if (found.lr > 4 / L) expect(found.beforeRise).toBe(false);
      }
      if (suggestion) expect(suggestions[suggestion.rule]).toEqual({ lr: suggestion.lr, beforeRise: true });
      optimizer.dispose();
    }
  });

  test("comes of a mean that does not hide a rise at the end", () => {
    const losses = (step: number) => (step < 94 ? 2.3 - 0.019 * step : 0.5 + step - 93);
    const { ended, smoothed } = lrRangeTest(sgd(start), losses);
    expect(ended).toBe("diverged");
    expect(smoothed.length).toBeLessThan(100);
    expect(lrRangeTest(sgd(start), losses, { stopAt: Infinity }).ended).toBe("complete");
  });
});

describe("confidence", () => {
  test("where it is high, suggestions are near each other and gradient descent converges with the one to take, on 300 quadratics", () => {
    const next = random(11);
    const trusted: number[] = [];
    for (let i = 0; i < 300; i++) {
      const { start, L, gradient } = quadratic(next);
      const optimizer = sgd({ x: start }, { momentum: 0 });
      const { confidence, suggestion, suggestions } = lrRangeTest(
        optimizer,
        () => gradient(optimizer.params.x, optimizer.grads.x),
        {
          from: (logUniform(next, 1e-6, 1e-4) * 2) / L,
          to: (logUniform(next, 1, 1e3) * 2) / L,
        },
      );
      const lrs = Object.values(suggestions).flatMap((one) => one?.lr ?? []);
      if (Math.max(...lrs) / Math.min(...lrs) > 30) expect(confidence).not.toBe("high");
      if (confidence === "high" && suggestion) trusted.push((suggestion.lr * L) / 2);
      optimizer.dispose();
    }
    expect(trusted.length).toBeGreaterThan(50);
    expect(trusted.filter((share) => share < 1).length / trusted.length).toBeGreaterThanOrEqual(0.95);
  });

  test("is low where the loss does not depend on the rate", () => {
    const next = random(5);
    for (let i = 0; i < 20; i++) {
      const optimizer = sgd(start);
      expect(lrRangeTest(optimizer, () => 2 + next()).confidence).toBe("low");
    }
  });

  test("is low where the loss is always the same, whatever it is, and smoothing leaves that as it is", () => {
    const next = random(7);
    const losses = Array.from({ length: 300 }, () => (next() - 0.5) * logUniform(next, 1e-30, 1e30));
    for (const [i, loss] of [6.75, 0, 5e-324, -1.7e308, 1.7e308, 0.1, ...losses].entries()) {
      const smoothing = i % 2 === 0 ? 0.98 : 1 - logUniform(next, 1e-9, 1);
      const { confidence, smoothed } = lrRangeTest(sgd(start), () => loss, { smoothing });
      expect([confidence, new Set(smoothed)], `${loss}`).toEqual(["low", new Set([loss])]);
    }
    const frozen = sgd(start, { trainable: false });
    expect(lrRangeTest(frozen, () => bowl(frozen)).confidence).toBe("low");
  });
});

describe("of what is maximized", () => {
  test("it is that of its negative, with the losses as they were given", () => {
    const run = (maximize: boolean, sign: number) => {
      const optimizer = any(sgd(start, { maximize }));
      return lrRangeTest(
        optimizer,
        () => {
          const loss = sign * bowl(optimizer);
          for (const grad of Object.values(optimizer.grads)) for (const i of grad.keys()) grad[i] *= sign;
          return loss;
        },
        { to: 1e3 },
      );
    };
    const [down, up] = [run(false, 1), run(true, -1)];
    expect(down.ended).toBe("diverged");
    expect(down.suggestion).toBeDefined();
    const negative = (x: Float64Array) => x.map((loss) => -loss);
    expect(up).toEqual({ ...down, losses: negative(down.losses), smoothed: negative(down.smoothed) });
  });
});

describe("refuses", () => {
  const optimizer = sgd(start);
  const positive = { range: "a finite number > 0", bad: [0, -1, Infinity], type: "a number" };
  const expectations = {
    from: positive,
    to: positive,
    steps: { range: "a whole number > 1", bad: [1, 2.5, NaN], type: "a number" },
    smoothing: { range: "in [0, 1)", bad: [1, -0.1], type: "a number" },
    stopAt: { range: "> 1", bad: [1, NaN], type: "a number" },
    shape: {
      range: 'one of "exponential", "linear"',
      bad: ["cosine"],
      type: 'one of "exponential", "linear"',
      wrong: [1],
    },
  };
  test.each(Object.entries(expectations))("a bad %s", (key, expectation) => {
    for (const { value, error } of refusals("lrRangeTest", key, expectation))
      expect(() => lrRangeTest(optimizer, () => 1, { [key]: value })).toThrow(error);
  });

  const call = loose(lrRangeTest);
  test.each([
    [{ from: 1, to: 1 }, new RangeError("lrRangeTest: to must be > from, 1, got 1")],
    [{ progress: 1 }, new TypeError("lrRangeTest: progress must be a function, got 1")],
    [{ signal: {} }, new TypeError("lrRangeTest: signal must be an AbortSignal, got an object")],
    [
      { start: 1 },
      new TypeError(
        "lrRangeTest: unknown option start (did you mean from?), expected one of from, to, steps, shape, smoothing, stopAt, progress, signal",
      ),
    ],
  ])("%o", (options, error) => {
    expect(() => call(optimizer, () => 1, options)).toThrow(error);
  });

  test.each([null, undefined, sgd, sam(sgd(start)), lbfgs(start)])("%o for an optimizer", (other) => {
    const shown =
      other === sgd
        ? "a function"
        : (other as { name?: string } | null)?.name === "lbfgs"
          ? "a Lbfgs"
          : other
            ? "an object"
            : other;
    expect(() => call(other, () => 1)).toThrow(
      new TypeError(`lrRangeTest: optimizer must be one that steps with a given gradient, got ${shown}`),
    );
  });

  test("a closure that is none, or gives no loss", () => {
    expect(() => call(optimizer)).toThrow(
      new TypeError("lrRangeTest: lossAndGradients must be a function, got undefined"),
    );
    expect(() => call(optimizer, () => {})).toThrow(
      new TypeError("lrRangeTest: a loss must be a number, got undefined"),
    );
  });
});

test("an lr that is a function stays, and what goes around the optimizer notices nothing", () => {
  const optimizer = sgd({ w: Float32Array.of(1) });
  optimizer.lr = (k) => 0.5 / (k + 1);
  const around = lookahead(optimizer);
  optimizer.step({ w: [1] });
  around.update();
  lrRangeTest(
    optimizer,
    () => {
      optimizer.grads.w[0] = 2 * optimizer.params.w[0];
      return optimizer.params.w[0] ** 2;
    },
    { steps: 5 },
  );
  optimizer.step({ w: [1] });
  expect(optimizer.lr).toBe(0.25);
  around.update();
});
