import { describe, expect, test } from "vitest";
import { Batches } from "../examples/mnist/batches.ts";
import { loadMnist } from "../examples/mnist/data.ts";
import { BATCH, Network, shapes } from "../examples/mnist/network.ts";
import { mulberry32 } from "../examples/mnist/random.ts";
import { adam, type Diagnosis, diagnose, lamb, lbfgs, type Optimizer, type Report, sam, sgd } from "../src/index.ts";
import { isLong, runs } from "./long.ts";
import { logUniform, type Quadratic, quadratic, type Random, random, uniform } from "./quadratics.ts";
import { loose } from "./refusals.ts";

const RUNS = runs(150, 1000);

/** Rates of each class for curvatures between μ and L, by theory alone. */
const classes: Readonly<Record<string, (next: Random, mu: number, L: number) => number>> = {
  /** 2 / L and more: it diverges. */
  "too high": (next, _, L) => (uniform(next, 1.02, 4) * 2) / L,
  /** From half the best rate, 2 / (μ + L), to just under 2 / L: it converges, and no rate would take less than about half the steps. */
  sound: (next, mu, L) => uniform(next, 1 / (mu + L), Math.max(2 / (mu + L), (0.98 * 2) / L)),
  /** A tenth of the best and less: it takes ten times the steps and more. */
  "too low": (next, mu, L) => 2 / (mu + L) / logUniform(next, 10, 1e4),
};

function descend({ start, gradient }: Quadratic, lr: number, steps: number, more: { momentum?: number } = {}): Report {
  const optimizer = sgd({ x: start }, { lr, ...more });
  const diagnosis = diagnose(optimizer);
  for (let k = 0; k < steps; k++) {
    const loss = gradient(optimizer.params.x, optimizer.grads.x);
    optimizer.step();
    diagnosis.update(loss);
  }
  return diagnosis.report();
}

/** How many of `RUNS` random quadratics satisfy the predicate. */
function share(seed: number, holds: (quadratic: Quadratic, next: Random) => boolean): number {
  const next = random(seed);
  let count = 0;
  for (let i = 0; i < RUNS; i++) if (holds(quadratic(next), next)) count++;
  return count / RUNS;
}

const in32 = (q: Quadratic): Quadratic => ({ ...q, start: Float32Array.from(q.start) as never });

describe.each([
  ["f64", (q: Quadratic) => q],
  ["f32", in32],
] as const)("on random quadratics in %s", (_, cast) => {
  test.each(Object.entries(classes))("a rate that theory calls %s is called that", (verdict, rate) => {
    const right = share(1, (q, next) => {
      const steps = Math.floor(logUniform(next, 60, 600));
      return descend(cast(q), rate(next, q.mu, q.L), steps).verdict === verdict;
    });
    expect(right).toBeGreaterThanOrEqual(0.95);
  });

  test("the headroom is that to 2 / (μ + L), within a factor of 2", () => {
    for (const rate of Object.values(classes)) {
      const right = share(3, (q, next) => {
        const lr = rate(next, q.mu, q.L);
        const [{ headroom }] = descend(cast(q), lr, 200).groups;
        const off = (headroom * lr * (q.mu + q.L)) / 2;
        return off > 0.5 && off < 2;
      });
      expect(right).toBeGreaterThanOrEqual(0.95);
    }
  });
});

test("with momentum the border is 2 (1 + β) / L", () => {
  const beyond = (low: number, high: number, verdict: string) =>
    share(4, (q, next) => {
      const momentum = uniform(next, 0.5, 0.95);
      const lr = (uniform(next, low, high) * 2 * (1 + momentum)) / q.L;
      return (descend(q, lr, 300, { momentum }).verdict === "too high") === (verdict === "too high");
    });
  expect(beyond(1.05, 4, "too high")).toBeGreaterThanOrEqual(0.95);
  expect(beyond(0.3, 0.95, "sound")).toBeGreaterThanOrEqual(0.95);
});

test("every group is judged by itself", () => {
  const GROUPS = runs(300, 1000);
  const names = Object.keys(classes);
  const next = random(6);
  let right = 0;
  for (let i = 0; i < GROUPS; i++) {
    const [a, b] = [quadratic(next), quadratic(next)];
    const [one, other] = [names[i % 3], names[Math.floor(i / 3) % 3]];
    const groups = [{ match: "b", lr: classes[other](next, b.mu, b.L) }];
    const optimizer = sgd({ a: a.start, b: b.start }, { lr: classes[one](next, a.mu, a.L), groups });
    const diagnosis = diagnose(optimizer);
    const { params, grads } = optimizer;
    for (let k = 0; k < 200; k++) {
      const loss = a.gradient(params.a, grads.a) + b.gradient(params.b, grads.b);
      optimizer.step();
      diagnosis.update(loss);
    }
    const verdicts = new Map(diagnosis.report().groups.map(({ params, verdict }) => [params[0], verdict]));
    if (verdicts.get("a") === one && verdicts.get("b") === other) right++;
  }
  expect(right / GROUPS).toBeGreaterThanOrEqual(0.95);
});

test("of a group with many elements a part is enough", () => {
  const curvature = Float64Array.from({ length: 40_000 }, (_, i) => 1 + (i % 100));
  for (const [lr, verdict] of [
    [2.1 / 100, "too high"],
    [1.9 / 100, "sound"],
    [0.1 / 100, "too low"],
  ] as const) {
    const optimizer = sgd({ w: [200, 100], v: [20_000] }, { lr, dtype: "f64" });
    const { params, grads } = optimizer;
    const next = random(8);
    for (const x of Object.values(params)) for (let i = 0; i < x.length; i++) x[i] = uniform(next, -1, 1);
    const diagnosis = diagnose(optimizer);
    for (let k = 0; k < 100; k++) {
      let loss = 0;
      for (const key of ["w", "v"] as const)
        for (let i = 0; i < 20_000; i++) {
          grads[key][i] = curvature[i] * params[key][i];
          loss += (grads[key][i] * params[key][i]) / 2;
        }
      optimizer.step();
      diagnosis.update(loss);
    }
    expect(diagnosis.report().verdict).toBe(verdict);
  }
});

describe("one curvature, 1, where the best rate is 1", () => {
  /** Gradient descent on Σ (x − minimum)² / 2. */
  const run = (lr: number, minimum: number, x: Float32Array | Float64Array, steps = 50) => {
    const optimizer = sgd({ x }, { lr });
    const diagnosis = diagnose(optimizer);
    for (let k = 0; k < steps; k++) {
      const errors = Array.from(optimizer.params.x, (x) => x - minimum);
      optimizer.step({ x: errors });
      diagnosis.update((errors[0] ** 2 + errors[1] ** 2) / 2);
    }
    return diagnosis.report().groups[0];
  };

  test.each([
    [1.9, "sound"],
    [1, "sound"],
    [1 / 4, "sound"],
    [1 / 6, "too low"],
    [2.1, "too high"],
  ])("%f is %s, and its headroom 1 over it", (lr, verdict) => {
    const report = run(lr, 0.5, Float64Array.of(3, 3));
    expect(report.verdict).toBe(verdict);
    // The least gradient that is looked at is 1e-5 of the largest, and rounded to 2^-53 of the weights.
    expect(report.headroom * lr).toBeCloseTo(1, 9);
    expect(report.turn).toBeCloseTo(1 - lr, 9);
  });

  test("steps to and fro between neighbouring numbers are no oscillation", () => {
    const between = 1e6 + 1 / 32;
    const report = run(1.9, between, Float32Array.of(1e6 + 1, 1e6 + 1), 300);
    expect(report.turn).toBe(-1);
    expect(report.verdict).toBe("sound");
  });
});

test("a run that has come to what rounding leaves is not too high for that", () => {
  const next = random(12);
  for (let i = 0; i < runs(60, 200); i++) {
    const q = quadratic(next);
    expect(descend(in32(q), 2 / (q.mu + q.L), 1000).verdict).toBe("sound");
  }
});

test("a slow run that has come to its end is not too low any more", () => {
  const curvatures = [1, 10, 100];
  const optimizer = adam({ x: Float32Array.of(3, -2, 0.5) }, { lr: 0.01 });
  const { params, grads } = optimizer;
  const diagnosis = diagnose(optimizer);
  const run = (steps: number) => {
    for (let k = 0; k < steps; k++) {
      const errors = curvatures.map((_, i) => params.x[i] - 1);
      for (const [i, c] of curvatures.entries()) grads.x[i] = c * errors[i];
      optimizer.step();
      diagnosis.update(curvatures.reduce((sum, c, i) => sum + (c * errors[i] ** 2) / 2, 0));
    }
    return diagnosis.report();
  };
  expect(run(300).verdict).toBe("too low");
  const { verdict, text } = run(1700);
  expect(verdict).toBe("sound");
  expect(text).toMatch(/^x: sound, because the gradients are down to rounding\. .*\nThe loss has levelled off\.$/);
  expect(text).not.toContain("multiply lr");
});

test("an oscillation that neither grows nor shrinks is too high", () => {
  // It falls before, so that the loss alone would not show it.
  const optimizer = sgd({ x: Float32Array.of(10.5, -10.5) }, { lr: 1 });
  const diagnosis = diagnose(optimizer);
  for (let k = 0; k < 400; k++) {
    const [x, y] = optimizer.params.x;
    optimizer.step({ x: [Math.sign(x), Math.sign(y)] });
    diagnosis.update(Math.abs(x) + Math.abs(y));
  }
  expect(diagnosis.report().verdict).toBe("too high");
  expect(diagnosis.report().groups[0].turn).toBe(-1);
});

test("updates far below the weights are too small if the loss then takes more than another budget", () => {
  const verdict = (budget: number) => {
    const optimizer = sgd({ x: Float64Array.of(1000, 1000, 1000) }, { lr: 1e-3 });
    const diagnosis = diagnose(optimizer, { budget });
    const next = random(9);
    for (let k = 0; k < 400; k++) {
      // Noise hides the curvature.
      optimizer.step({ x: [0, 1, 2].map(() => 0.01 + uniform(next, -1, 1)) });
      diagnosis.update(0.999 ** k);
    }
    const report = diagnosis.report();
    expect(report.groups[0].headroom).toBeLessThan(5);
    return report.verdict;
  };
  expect(verdict(400)).toBe("too low");
  expect(verdict(10_000)).toBe("sound");
});

describe("on MNIST, 32 images at a time", () => {
  const STEPS = runs(100, 300);
  const { train } = loadMnist();
  const verdict = (made: unknown) => {
    const optimizer = made as Optimizer<typeof shapes, "f32">;
    const random = mulberry32(3);
    const network = new Network(optimizer.params, optimizer.grads, random);
    const batches = new Batches(train.labels.length, BATCH, random);
    const diagnosis = diagnose(optimizer);
    for (let k = 0; k < STEPS; k++) {
      const loss = network.backward(train, batches.next());
      optimizer.step();
      diagnosis.update(loss);
    }
    return diagnosis.report().verdict;
  };

  test("a rate near the best is sound, a thousandth of it too low, and a hundred or a thousand times it too high", () => {
    const bySgd = [1e-4, 0.1, 10].map((lr) => verdict(sgd(shapes, { lr })));
    expect(bySgd).toEqual(["too low", "sound", "too high"]);
    if (!isLong) return;
    // Of 1e-3, 3e-3 and 1e-2 adam comes lowest in 300 steps with the last.
    const byAdam = [1e-6, 5e-3, 1].map((lr) => verdict(adam(shapes, { lr })));
    expect(byAdam).toEqual(["too low", "sound", "too high"]);
  });
});

/** Feeds losses to a run that does not move. */
function fed(losses: Iterable<number>, options = {}): Diagnosis {
  const diagnosis = diagnose(sgd({ x: [3] }), options);
  for (const loss of losses) diagnosis.update(loss);
  return diagnosis;
}

describe("the loss", () => {
  const geometric = (count: number, rate: number, floor = 0) =>
    Array.from({ length: count }, (_, k) => floor + rate ** k);

  test("that shrinks by the same factor at every step needs ln 100 / ln factor steps for 99 %", () => {
    for (const [count, rate] of [
      [48, 0.99],
      [1000, 0.9995],
      [5000, 0.9999],
    ])
      for (const floor of [0, 3, -7]) {
        const { budgets = NaN } = fed(geometric(count, rate, floor), { budget: 500 }).report();
        // The parts are means of equal stretches but for what the last stretch has not filled.
        expect(budgets / (Math.log(100) / -Math.log(rate) / 500)).toBeCloseTo(1, 3);
      }
  });

  test("whose parts are 1, 0.1, 0.01 goes on to 0: what is left is just over 1 % of what has fallen", () => {
    const parts = [1, 1, 0.1, 0.01].flatMap((loss) => Array<number>(16).fill(loss));
    expect(fed(parts).report().budgets).toBeCloseTo(0.5, 12);
  });

  test("has levelled off, does not slow down, does not fall, rises, bursts", () => {
    const report = (losses: readonly number[]) => {
      const { budgets, text } = fed(losses).report();
      return [budgets, text.split("\n").at(-1)];
    };
    const line = Array.from({ length: 200 }, (_, k) => 10 - k / 32);
    expect(report(geometric(200, 0.9))).toEqual([0, "The loss has levelled off."]);
    expect(report(line)).toEqual([Infinity, "The loss falls and does not slow down."]);
    expect(report(Array(200).fill(1))).toEqual([undefined, "The loss does not fall."]);
    expect(report(line.toReversed())).toEqual([undefined, "The loss is higher than where it began."]);
    expect(report([...line, Infinity])[1]).toBe("The loss was not always finite.");
  });

  test("that bursts, or rises while updates are not tiny, is held against all groups if none shows why", () => {
    const verdicts = (losses: (k: number) => number, lr: number) => {
      const optimizer = adam(
        { a: Float32Array.of(10), b: Float32Array.of(10) },
        { lr, groups: [{ match: "b", lr: 0.01 }] },
      );
      const diagnosis = diagnose(optimizer);
      for (let k = 0; k < 50; k++) {
        for (const grad of Object.values(optimizer.grads)) grad.fill(1);
        optimizer.step();
        diagnosis.update(losses(k));
      }
      return diagnosis.report().groups.map(({ params, verdict }) => `${params}: ${verdict}`);
    };
    // Steps of a thousandth the length have no part in it.
    expect(verdicts((k) => (k === 40 ? NaN : 1), 1e-5)).toEqual(["b: too high", "a: too low"]);
    expect(verdicts((k) => (k === 40 ? NaN : 1), 5e-3)).toEqual(["b: too high", "a: too high"]);
    expect(verdicts((k) => k, 1e-5)).toEqual(["b: too high", "a: too low"]);
    expect(verdicts((k) => -k, 1e-5)).toEqual(["b: too low", "a: too low"]);
  });

  /** Half of the gradient at the beginning of a step is there at its end, but for `turn`. */
  const bowl = (losses: (k: number) => number, turn: number, options: { maximize?: boolean } = {}) => {
    const optimizer = sgd({ x: Float64Array.of(1, 1) }, { lr: 0.1, ...options });
    const diagnosis = diagnose(optimizer);
    for (let k = 0; k < 200; k++) {
      const sign = options.maximize ? -1 : 1;
      optimizer.step({ x: [sign * turn ** k, sign * turn ** k] });
      diagnosis.update(losses(k));
    }
    return diagnosis.report();
  };

  test("that speaks against a rate is given as the reason, and what steps say of it is left out", () => {
    const { verdict, groups } = bowl((k) => (k === 100 ? NaN : 1), 0.999);
    expect([verdict, groups[0].headroom]).toEqual(["too high", NaN]);
    expect(groups[0].text).toContain("too high, because the loss was not always finite. lr 0.1;");
    expect(groups[0].text).not.toContain("multiply lr");
    expect(bowl((k) => k, 0.999).groups[0].text).toContain("too high, because the loss has risen.");
    expect(bowl(() => 1, 0.7).groups[0].text).toContain("too high, because the loss has not fallen.");
  });

  test("that stays the same does not speak against a rate of which steps say that it is too low", () => {
    const { verdict, groups, text } = bowl(() => 1, 0.999);
    expect(verdict).toBe("too low");
    expect(groups[0].headroom).toBeGreaterThan(5);
    expect(text).toMatch(/The loss does not fall\.$/);
  });

  test("that is not finite before the first step is no rate's fault", () => {
    const { verdict, text } = bowl(() => NaN, 0.999);
    expect(verdict).toBe("unknown");
    expect(text).toMatch(/The loss was not finite before the first step\.$/);
  });

  test("has levelled off at a rate that is too low at this rate", () => {
    const { verdict, text } = bowl((k) => 0.9 ** k, 0.999);
    expect(verdict).toBe("too low");
    expect(text).toMatch(/At this rate the loss has levelled off\.$/);
  });

  test("is negated where all that is trained maximizes, and only there", () => {
    const rising = (k: number) => k - 1000;
    const [down, up] = [bowl((k) => -rising(k), 0.7), bowl(rising, 0.7, { maximize: true })];
    expect(up).toEqual({ ...down, text: down.text.replace("The loss", "The negated loss") });
    expect(down.text).toContain("The loss falls and does not slow down.");

    const last = (groups: { match: string; maximize?: boolean; trainable?: boolean }[]) => {
      const diagnosis = diagnose(sgd({ x: [1], y: [1] }, { groups }));
      for (let k = 0; k < 50; k++) diagnosis.update(rising(k));
      return diagnosis.report().text.split("\n").at(-1);
    };
    expect(last([{ match: "x", maximize: true }])).toBe("The loss is higher than where it began.");
    const frozen = { match: "y", trainable: false };
    expect(last([{ match: "x", maximize: true }, frozen])).toBe("The negated loss falls and does not slow down.");
  });

  test("and too few steps say nothing", () => {
    expect(fed([]).report()).toMatchObject({ verdict: "unknown", budgets: undefined });
    expect(fed([3, 2]).report()).toMatchObject({ verdict: "unknown", budgets: undefined });
  });
});

test("only reads: parameters and state are what they are without it", () => {
  const [alone, watched] = [0, 1].map(() => adam({ x: Float32Array.of(3, -1, 0.5) }, { lr: 0.1 }));
  const diagnosis = diagnose(watched);
  for (let k = 0; k < 300; k++) {
    for (const { params, grads } of [alone, watched]) grads.x.set(params.x);
    alone.step();
    watched.step();
    diagnosis.update(k);
  }
  expect(watched.save()).toEqual(alone.save());
});

test("groups are those of the options, also where each tensor has one of its own, without what is frozen", () => {
  const groups = [
    { match: /^b/, lr: 0.5 },
    { match: "frozen", trainable: false },
  ];
  const optimizer = lamb({ w: [3], v: [3], b: [3], b2: [3], frozen: [3] }, { lr: 0.25, groups });
  const report = diagnose(optimizer).report();
  expect(report.groups.map(({ params, lr }) => ({ params, lr }))).toEqual([
    { params: ["b", "b2"], lr: 0.5 },
    { params: ["w", "v"], lr: 0.25 },
  ]);
  expect(report.text).toContain("b, b2: unknown. lr 0.5");
});

test("updates that the weights' rounding swallows are too small", () => {
  const optimizer = adam({ x: Float32Array.of(1000, 1000) }, { lr: 1e-5 });
  const diagnosis = diagnose(optimizer);
  const next = random(9);
  for (let k = 0; k < 400; k++) {
    // Noise, which hides the curvature, on a loss that falls more and more slowly.
    for (let i = 0; i < 2; i++) optimizer.grads.x[i] = 0.01 + uniform(next, -1, 1);
    optimizer.step();
    diagnosis.update(0.999 ** k);
  }
  expect(diagnosis.report().verdict).toBe("too low");
});

test("refuses a bad budget, an option that does not exist, and a loss that is no number", () => {
  const optimizer = sgd({ x: [1] });
  expect(() => diagnose(optimizer, { budget: 0 })).toThrow(
    new RangeError("diagnose: budget must be a whole number > 0, got 0"),
  );
  expect(() => loose(diagnose)(optimizer, { steps: 1 })).toThrow(
    new TypeError("diagnose: unknown option steps, expected one of budget"),
  );
  for (const [other, shown] of [
    [null, "null"],
    [sgd, "a function"],
    [sam(optimizer), "an object"],
    [lbfgs({ x: [1] }), "a Lbfgs"],
  ])
    expect(() => loose(diagnose)(other)).toThrow(
      new TypeError(`diagnose: optimizer must be one that steps with a given gradient, got ${shown}`),
    );
  expect(() => diagnose(optimizer).update("1" as never)).toThrow(
    new TypeError('diagnose: a loss must be a number, got "1"'),
  );
});
