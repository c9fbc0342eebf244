/**
 * optax's convergence suite (alias_test.py): every optimizer finds two minima in 10,000 steps at optax's learning rates.
 *
 * Where optax's defaults are not torch's they are given: adagrad's accumulator from 0.1, rmsprop's decay 0.9, adamw's
 * weight decay 1e-4 (ours is 1e-2). Its `eps` inside the root is outside here.
 */
import { describe, expect, test } from "vitest";
import type { Optimizer } from "../src/index.ts";
import * as optimizers from "../src/optimizers/index.ts";

type Tensors = { x: Float32Array | Float64Array };
type Options = Readonly<Record<string, unknown>>;
const makers = optimizers as unknown as Readonly<Record<string, (x: Tensors, options: Options) => Optimizer<Tensors>>>;

interface Problem {
  readonly start: readonly number[];
  readonly minimum: readonly number[];
  /** Writes the gradient at `x` into `out`. */
  readonly gradient: (x: Tensors["x"], out: Tensors["x"]) => void;
}

const parabola: Problem = {
  start: [-1, 10, 1],
  minimum: [1, -1, 1],
  gradient(x, out) {
    parabola.minimum.forEach((target, i) => {
      out[i] = 2 * (x[i] - target);
    });
  },
};

/** (1 - x)² + 100 (y - x²)² */
const rosenbrock: Problem = {
  start: [0, 0],
  minimum: [1, 1],
  gradient([x, y], out) {
    out[0] = 2 * (x - 1) - 400 * x * (y - x * x);
    out[1] = 200 * (y - x * x);
  },
};

const cases: readonly (readonly [name: string, options: Options])[] = [
  ["sgd", { lr: 1e-3, momentum: 0.9 }],
  ["sgd", { lr: 1e-3, momentum: 0.9, nesterov: true }],
  ["adagrad", { lr: 1, initialAccumulatorValue: 0.1 }],
  ["rmsprop", { lr: 5e-3, alpha: 0.9 }],
  ["rmsprop", { lr: 5e-3, alpha: 0.9, momentum: 0.9 }],
  ["rmsprop", { lr: 5e-3, alpha: 0.9, centered: true }],
  ["adam", { lr: 0.1 }],
  ["adam", { lr: 0.1, amsgrad: true }],
  ["adamw", { lr: 0.1, weightDecay: 1e-4 }],
];

/** optax's atol; the rtol of 3e-2 that it adds is not needed. The largest error measured is 6.3e-3, rmsprop's. */
const TOLERANCE = 3e-2;

describe.each(["wasm", "plain"] as const)("on %s", (backend) => {
  describe.each(["f32", "f64"] as const)("in %s", (dtype) => {
    describe.each(Object.entries({ parabola, rosenbrock }))("%s", (_, { start, minimum, gradient }) => {
      test.each(cases)("%s %o", (name, options) => {
        const x = dtype === "f32" ? Float32Array.from(start) : Float64Array.from(start);
        const optimizer = makers[name]({ x }, { ...options, backend });
        const { params, grads } = optimizer;
        for (let t = 0; t < 10_000; t++) {
          gradient(params.x, grads.x);
          optimizer.step();
        }
        minimum.forEach((value, i) => {
          expect(Math.abs(params.x[i] - value)).toBeLessThan(TOLERANCE);
        });
      });
    });
  });
});
