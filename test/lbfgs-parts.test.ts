/** What lbfgs is made of, against textbooks (Nocedal & Wright, Numerical Optimization, 2006). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBackend } from "../src/backends/index.ts";
import { runMaybeAsync } from "../src/common/maybe-async.ts";
import type { Dtype } from "../src/common/types.ts";
import { bytesOf } from "../src/engine/layout.ts";
import { Arena } from "../src/index.ts";
import type { BackendName } from "../src/kernels/backend.ts";
import { largestMagnitude } from "../src/ops/reduce.ts";
import { History } from "../src/optimizers/lbfgs/history.ts";
import { cubicMinimum, type Site, strongWolfe } from "../src/optimizers/lbfgs/strong-wolfe.ts";
import { lengthsOf, Vectors } from "../src/optimizers/lbfgs/vectors.ts";

const backends: readonly BackendName[] = ["wasm", "plain"];
const dtypes: readonly Dtype[] = ["f32", "f64"];
type Row = readonly number[];

function largest(list: Row, dtype: Dtype, backend: BackendName): number {
  const kernels = createBackend(backend, 4096);
  const Floats = dtype === "f32" ? Float32Array : Float64Array;
  const x = new Floats(kernels.buffer, 64, list.length);
  x.set(list);
  return kernels.operation(largestMagnitude, dtype, x.length, x)();
}

test("the arrays' largest magnitude is the same on both backends, whatever they hold", () => {
  const number = fc.oneof(
    { weight: 9, arbitrary: fc.double({ noDefaultInfinity: true, noNaN: true }) },
    fc.constantFrom(NaN, Infinity, -0),
  );
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), fc.constantFrom(...dtypes), (list, dtype) => {
      const [wasm, plain] = backends.map((backend) => largest(list, dtype, backend));
      const round = dtype === "f32" ? Math.fround : Number;
      const expected = list.some(Number.isNaN) ? NaN : list.reduce((most, x) => Math.max(most, Math.abs(round(x))), 0);
      expect(wasm).toBe(expected);
      expect(plain).toBe(expected);
    }),
  );
});

const LENGTH = 4;
const vector = fc.array(
  fc.integer({ min: -100, max: 100 }).map((x) => x / 10),
  { minLength: LENGTH, maxLength: LENGTH },
);
const dot = (a: Row, b: Row) => a.reduce((sum, x, i) => sum + x * b[i], 0);
/** A change of the gradient and the step it came with, of a curvature that is not small. */
const pair = fc
  .tuple(vector, vector)
  .filter(([y, s]) => dot(y, s) > 0.1 * Math.sqrt(dot(y, y) * dot(s, s)) && dot(y, y) > 1);

/** A history to push pairs to, and its product with a vector. */
function history(backend: BackendName, pairs: number) {
  const size = { length: LENGTH, pairs, searches: false };
  const arena = new Arena({ bytes: bytesOf(lengthsOf(size), "f64"), backend });
  const vectors = new Vectors(size, arena, 0, "f64");
  const { d, prev_flat_grad } = vectors;
  const history = new History(vectors);
  return {
    history,
    push(y: Row, s: Row) {
      prev_flat_grad.set(y);
      d.set(s);
      history.push(prev_flat_grad, d);
    },
    times(q: Row) {
      d.set(q);
      history.apply();
      return [...d];
    },
  };
}

/** (I − s yᵀ / yᵀs) H (I − y sᵀ / yᵀs) + s sᵀ / yᵀs: equation 6.17. */
function updated(H: readonly Row[], y: Row, s: Row): Row[] {
  const ro = 1 / dot(y, s);
  const Hy = H.map((row) => dot(row, y));
  const yHy = dot(y, Hy);
  return H.map((row, i) =>
    row.map((h, j) => h - ro * (s[i] * Hy[j] + Hy[i] * s[j]) + ro * (ro * yHy + 1) * s[i] * s[j]),
  );
}

describe.each(backends)("on %s, the two loops", (backend) => {
  test("are the BFGS matrix of the last pairs times the vector", () => {
    fc.assert(
      fc.property(
        fc.array(pair, { minLength: 1, maxLength: 8 }),
        vector,
        fc.integer({ min: 1, max: 5 }),
        (list, q, most) => {
          const { push, times } = history(backend, most);
          for (const [y, s] of list) push(y, s);
          const actual = times(q);

          const [y, s] = list[list.length - 1];
          const scale = dot(y, s) / dot(y, y);
          const first: Row[] = q.map((_, i) => q.map((_, j) => (i === j ? scale : 0)));
          const H = list.slice(-most).reduce((H, [y, s]) => updated(H, y, s), first);
          const expected = H.map((row) => dot(row, q));
          // A pair divides by its curvature: each can make a rounding error some hundred times larger.
          const size = Math.max(...H.flat().map(Math.abs)) * Math.max(...q.map(Math.abs));
          expected.forEach((value, i) => {
            expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(1e-9 * size);
          });
        },
      ),
    );
  });

  test("pass over a pair without curvature", () => {
    const { history: own, push, times } = history(backend, 2);
    push([1, 0, 0, 0], [-1, 0, 0, 0]);
    push([0.9e-5, 0, 0, 0], [1e-5, 0, 0, 0]);
    push([NaN, 0, 0, 0], [1, 0, 0, 0]);
    expect(own.count).toBe(0);
    expect(times([1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
  });
});

test("the cubic's minimum is where it is", () => {
  const number = fc.double({ min: -10, max: 10, noNaN: true });
  const width = fc.double({ min: 0.1, max: 10, noNaN: true });
  fc.assert(
    fc.property(number, width, width, width, width, fc.boolean(), (middle, gap, height, left, right, swapped) => {
      // Its derivative is height · (t − middle) · (t − middle + gap): a minimum at `middle`, a maximum before it.
      const at = (t: number) => {
        const u = t - middle;
        return { t, loss: height * (u ** 3 / 3 + (gap * u * u) / 2), slope: height * u * (u + gap) };
      };
      const [a, b] = [at(middle - left), at(middle + right)];
      const found = swapped ? cubicMinimum(b, a, -100, 100) : cubicMinimum(a, b, -100, 100);
      expect(found).toBeCloseTo(middle, 6);
      expect(cubicMinimum(a, b, middle + 1, 100)).toBeCloseTo(middle + 1, 6);
    }),
  );
});

test("the middle is where nothing can be made of the slopes", () => {
  const a = { t: 0, loss: 0, slope: -1 };
  expect(cubicMinimum(a, { t: 1, loss: Infinity, slope: NaN }, 0, 1)).toBe(0.5);
  expect(cubicMinimum(a, { t: 1, loss: -0.9, slope: -1 }, 1, 9)).toBe(5);
});

/** A search along a loss of one number. */
function search(loss: (t: number) => number, slope: (t: number) => number, first: number, most: number, reach = 1) {
  const site = (): Site => ({ t: 0, loss: loss(0), slope: slope(0), g: Float64Array.of(slope(0)) });
  const [start, trial, left, right] = [site(), site(), site(), site()];
  const visited: number[] = [];
  const visit = function* (t: number) {
    visited.push(t);
    yield;
    Object.assign(trial, { t, loss: loss(t), slope: slope(t) });
    trial.g[0] = slope(t);
  };
  const found = runMaybeAsync(strongWolfe({ start, trial, ends: [left, right], visit }, first, reach, most)) as Site;
  return { start, found, visited };
}

test("of two equally low points the first is taken", () => {
  const { found } = search(
    (t) => (t - 1) ** 2,
    (t) => 2 * (t - 1),
    2,
    0,
  );
  expect(found).toMatchObject({ t: 0, loss: 1, slope: -2 });
});

test("an interval narrower than 1e-9 in any parameter is not searched", () => {
  const visits = (reach: number) =>
    search(
      (t) => (t - 1) ** 2,
      (t) => 2 * (t - 1),
      8,
      20,
      reach,
    ).visited.length;
  expect([visits(1.2e-10), visits(1.3e-10)]).toEqual([1, 2]);
});

test("a search ends where both strong Wolfe conditions hold, or with no more than it began with", () => {
  const number = fc.double({ min: 0.1, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      number,
      number,
      number,
      fc.double({ min: 1e-3, max: 50, noNaN: true }),
      fc.nat(30),
      (a, b, c, first, most) => {
        // Bounded below, with several minima.
        const loss = (t: number) => a * (t - 5) ** 2 + b * Math.sin(c * t);
        const slope = (t: number) => 2 * a * (t - 5) + b * c * Math.cos(c * t);
        fc.pre(slope(0) < 0);
        const { start, found, visited } = search(loss, slope, first, most);
        expect(visited.length).toBeLessThanOrEqual(most + 1);
        expect(found).toMatchObject({ loss: loss(found.t), slope: slope(found.t) });
        expect(found.g[0]).toBe(slope(found.t));
        expect(found.loss).toBeLessThanOrEqual(start.loss);
        if (visited.length > most) return;
        expect(found.loss).toBeLessThanOrEqual(start.loss + 1e-4 * found.t * start.slope);
        expect(Math.abs(found.slope)).toBeLessThanOrEqual(0.9 * -start.slope);
      },
    ),
  );
});
