/** What `cautious` is for, whoever computes it: no element leaves its gradient's descent. The fixtures have its numbers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FloatArray } from "../src/common/types.ts";
import type { Spec } from "../src/engine/spec.ts";
import type { Optimizer } from "../src/index.ts";
import type { BackendName } from "../src/kernels/backend.ts";
import * as optimizers from "../src/optimizers/index.ts";
import { filler, options } from "./arbitraries.ts";

const STEPS = 20;
const LENGTH = 23;

type Options = Readonly<Record<string, unknown>>;
type Tensors = { x: FloatArray };
const all = Object.values(optimizers).map((factory) => ({
  name: factory.spec.name,
  spec: factory.spec,
  make: factory as unknown as (params: Tensors, options: Options) => Optimizer<Tensors>,
}));
const careful = all.filter(({ spec }) => "cautious" in spec.options);
const momentum = { momentum: 0.9 };
/** Those whose direction is more than the gradient's, with what makes it so. */
const headstrong = careful
  .filter(({ name }) => !["adadelta", "adagrad", "rprop"].includes(name))
  .map((row) => ({ ...row, given: ["sgd", "rmsprop", "lars"].includes(row.name) ? momentum : {} }));

/**
 * How often an element went up where its gradient, as descent sees it, is positive, down where negative, or at all where
 * it is 0. Options can make it overflow; from then on it is no number that could move.
 */
function strayed(optimizer: Optimizer<Tensors>, fill: (out: FloatArray) => void, sign: number): number {
  const { params, grads } = optimizer;
  let count = 0;
  for (let t = 0; t < STEPS; t++) {
    fill(grads.x);
    // Every third element has no gradient every other step.
    if (t % 2) for (let i = 0; i < LENGTH; i += 3) grads.x[i] = 0;
    const before = params.x.slice();
    optimizer.step();
    params.x.forEach((after, i) => {
      const grad = sign * grads.x[i];
      const move = after - before[i];
      if (Number.isFinite(move) && (grad > 0 ? move > 0 : grad < 0 ? move < 0 : move !== 0)) count++;
    });
  }
  return count;
}

/** Weight decay moves a parameter whatever its gradient is; so does noise. */
const undecayed = ({ options }: Spec): Options =>
  Object.fromEntries(["weightDecay", "adamWeightDecay"].filter((key) => key in options).map((key) => [key, 0]));

const start = (dtype: "f32" | "f64") => (dtype === "f32" ? new Float32Array(LENGTH) : new Float64Array(LENGTH)).fill(1);

describe.each(["wasm", "plain"] as const satisfies readonly BackendName[])("cautious on %s", (backend) => {
  test.each(careful)("$name never strays, whatever its options", ({ spec, make }) => {
    const property = fc.property(
      options(spec),
      fc.integer(),
      fc.constantFrom("f32" as const, "f64" as const),
      (given, seed, dtype) => {
        const optimizer = make(
          { x: start(dtype) },
          { ...given, gradNoise: 0, ...undecayed(spec), cautious: true, backend },
        );
        expect(strayed(optimizer, filler({ seed, oneIn: 0 }), given.maximize ? -1 : 1)).toBe(0);
      },
    );
    fc.assert(property, { numRuns: 100 });
  });

  test.each(headstrong)("$name strays without it", ({ spec, make, given }) => {
    const optimizer = make({ x: start("f32") }, { ...given, ...undecayed(spec), backend });
    expect(strayed(optimizer, filler({ seed: 1, oneIn: 0 }), 1)).toBeGreaterThan(0);
  });

  test("sgd keeps what agrees, be the product of update and gradient too small for a number", () => {
    const optimizer = optimizers.sgd({ x: start("f32") }, { cautious: true, lr: 1e-3, backend });
    optimizer.params.x.fill(0);
    optimizer.grads.x.fill(1e-22);
    optimizer.step();
    expect(optimizer.params.x[0]).toBe(-Math.fround(Math.fround(1e-3) * Math.fround(1e-22)));
  });

  test.each(careful)("$name does not hide a NaN", ({ spec, make }) => {
    const optimizer = make({ x: start("f32") }, { ...undecayed(spec), cautious: true, onNonFinite: "ignore", backend });
    optimizer.grads.x.fill(1);
    optimizer.grads.x[4] = NaN;
    optimizer.step();
    optimizer.step();
    expect(optimizer.params.x[4]).toBeNaN();
    // A norm or a sum over all that has a NaN in it reaches all.
    if (!spec.scaleGradient && !spec.trustRatio && !spec.globalStats) expect(optimizer.params.x[3]).not.toBeNaN();
  });
});
