/** Why a step of lbfgs ended, and that what is not finite is no end. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LbfgsOptions, lbfgs } from "../src/index.ts";
import type { BackendName } from "../src/kernels/backend.ts";

const backends: readonly BackendName[] = ["wasm", "plain"];
const searches = ["none", "strongWolfe"] as const;

/** A convex function of one number that is not defined everywhere, its derivative, and where it is least. */
interface Barrier {
  readonly f: (x: number) => number;
  readonly slope: (x: number) => number;
  readonly least: number;
}

const outside = (defined: boolean, value: number) => (defined ? value : NaN);

const barriers: Readonly<Record<string, Barrier>> = {
  "x² − 0.1 ln x": {
    f: (x) => x * x - 0.1 * Math.log(x),
    slope: (x) => 2 * x - 0.1 / x,
    least: Math.sqrt(0.05),
  },
  "x − ln x": { f: (x) => x - Math.log(x), slope: (x) => 1 - 1 / x, least: 1 },
  "x + 1 / x": { f: (x) => outside(x > 0, x + 1 / x), slope: (x) => 1 - 1 / (x * x), least: 1 },
  "x², 1 / x² beyond 0": {
    f: (x) => outside(x > 0, x * x + 1 / (x * x)),
    slope: (x) => 2 * x - 2 / (x * x * x),
    least: 1,
  },
  "x − 2 √x": { f: (x) => x - 2 * Math.sqrt(x), slope: (x) => 1 - 1 / Math.sqrt(x), least: 1 },
  "x ^ x": { f: (x) => x ** x, slope: (x) => x ** x * (Math.log(x) + 1), least: Math.exp(-1) },
  "−√(1 − x²)": { f: (x) => -Math.sqrt(1 - x * x), slope: (x) => x / Math.sqrt(1 - x * x), least: 0 },
  "−ln(1 − x²)": { f: (x) => -Math.log(1 - x * x), slope: (x) => (2 * x) / (1 - x * x), least: 0 },
};

/** The sum of one such function of each element, times a weight. */
function sum({ f, slope }: Barrier, start: readonly number[], weights: readonly number[], options: LbfgsOptions) {
  const optimizer = lbfgs({ x: Float64Array.from(start) }, options as LbfgsOptions<"f64">);
  const { params, grads } = optimizer;
  const loss = () => params.x.reduce((sum, x, i) => sum + weights[i] * f(x), 0);
  const closure = () => {
    params.x.forEach((x, i) => {
      grads.x[i] = weights[i] * slope(x);
    });
    return loss();
  };
  return { optimizer, loss, closure, x: params.x };
}

/** Nothing but a gradient of 0 ends it, as a step that is small is no sign that it is near. */
const exact = { toleranceChange: 0, toleranceGrad: 1e-6, maxEval: 25 } as const;

describe.each(searches)("with the search %s", (lineSearchFn) => {
  test.each(Object.entries(barriers))("%s: from anywhere to its least", (name, barrier) => {
    const inside = name.includes("1 − x²") ? fc.double({ min: -0.999, max: 0.999 }) : fc.double({ min: 0.05, max: 3 });
    const starts = fc.array(inside.filter(Number.isFinite), { minLength: 1, maxLength: 6 });
    const rest = fc.record({ backend: fc.constantFrom(...backends), maxIter: fc.constantFrom(1, 2, 7, 20) });
    fc.assert(
      fc.property(starts, fc.constantFrom(1, 4, 30), rest, (start, steepest, options) => {
        const weights = start.map((_, i) => (i % 2 === 0 ? steepest : 1));
        const { optimizer, loss, closure, x } = sum(barrier, start, weights, { ...exact, ...options, lineSearchFn });
        const first = loss();
        for (let i = 0; i < 400 && !optimizer.status.startsWith("converged"); i++) optimizer.step(closure);
        expect(loss()).toBeLessThanOrEqual(first + 1e-12);
        for (const value of x) expect(Math.abs(value - barrier.least)).toBeLessThan(1e-3);
        expect(optimizer.skipped).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});

describe.each(backends)("on %s, a step says why it ended", (backend) => {
  /** x² + 4 y², with its gradient times `sign`. */
  const bowl = (options: LbfgsOptions<"f64">, sign = 1) => {
    const optimizer = lbfgs({ x: Float64Array.of(3, 2) }, { backend, ...options });
    const closure = () => {
      const [x, y] = optimizer.params.x;
      optimizer.grads.x.set([2 * sign * x, 8 * sign * y]);
      return x * x + 4 * y * y;
    };
    return { optimizer, closure };
  };

  const endings: readonly [string, LbfgsOptions<"f64">][] = [
    ["converged by gradient", { toleranceChange: 0, maxIter: 200 }],
    ["converged by gradient", { toleranceGrad: 100 }],
    ["converged by change", { toleranceGrad: 0, toleranceChange: 1e-3, maxIter: 200 }],
    ["converged by change", { toleranceChange: 1e3 }],
    ["out of iterations", { maxIter: 1 }],
    ["out of iterations", { maxIter: 2, maxEval: 100 }],
    ["out of evaluations", { maxEval: 2 }],
  ];

  test.each(
    endings.flatMap(([status, options]) => searches.map((lineSearchFn) => ({ status, lineSearchFn, options }))),
  )("$status with $lineSearchFn and $options", ({ status, lineSearchFn, options }) => {
    const { optimizer, closure } = bowl({ lineSearchFn, ...options });
    expect(optimizer.status).toBe("no step yet");
    optimizer.step(closure);
    expect(optimizer.status).toBe(status);
  });

  test.each(searches)("%s: once converged, at every step and for one evaluation", (lineSearchFn) => {
    const { optimizer, closure } = bowl({ lineSearchFn, toleranceChange: 0, maxIter: 200 });
    optimizer.step(closure);
    const { funcEvals } = optimizer;
    const ended = [...optimizer.params.x];
    for (const more of [1, 2, 3]) {
      optimizer.step(closure);
      expect([optimizer.status, optimizer.funcEvals]).toEqual(["converged by gradient", funcEvals + more]);
    }
    expect([...optimizer.params.x]).toEqual(ended);
  });

  test("a gradient that leads uphill is no descent", () => {
    const { optimizer, closure } = bowl({ lineSearchFn: "strongWolfe" }, -1);
    optimizer.step(closure);
    expect(optimizer.status).toBe("no descent");
    expect([...optimizer.params.x]).toEqual([3, 2]);
    expect(optimizer.skipped).toBe(0);
  });

  test("a step left out is not finite, one that throws does not count, and what is loaded has had none", () => {
    const { optimizer, closure } = bowl({ toleranceChange: 0, maxIter: 200 });
    optimizer.step(() => NaN);
    expect(optimizer.status).toBe("not finite");
    optimizer.step(closure);
    const { status } = optimizer;
    expect(status).toBe("converged by gradient");
    const fail = () => {
      throw new Error("no loss today");
    };
    expect(() => optimizer.step(fail)).toThrow("no loss today");
    expect(optimizer.status).toBe(status);
    optimizer.load(optimizer.save());
    expect(optimizer.status).toBe("no step yet");
  });

  test("where nobody had looked the next step goes half as far, also one that goes on from what was saved", () => {
    const start = { x: Float64Array.of(0.5) };
    const make = (backend: BackendName) => {
      const { f, slope } = barriers["x² − 0.1 ln x"];
      const optimizer = lbfgs(start, { backend, maxIter: 1 });
      const closure = () => {
        const [x] = optimizer.params.x;
        optimizer.grads.x[0] = slope(x);
        return f(x);
      };
      return { optimizer, closure };
    };
    const whole = make(backend);
    whole.optimizer.step(whole.closure);
    expect(whole.optimizer.params.x[0]).toBeLessThan(0);
    const resumed = make("plain");
    resumed.optimizer.load(whole.optimizer.save());
    for (const { optimizer, closure } of [whole, resumed])
      for (let i = 0; i < 12; i++) {
        optimizer.step(closure);
        expect(optimizer.params.x[0]).toBeGreaterThan(0);
      }
    expect(whole.optimizer.params.x[0]).toBeCloseTo(Math.sqrt(0.05), 5);
    expect(resumed.optimizer.save()).toEqual(whole.optimizer.save());
    expect(whole.optimizer.skipped).toBe(0);
  });
});
