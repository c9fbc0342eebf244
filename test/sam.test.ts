import { describe, expect, test } from "vitest";
import { adam, sam, sgd } from "../src/index.ts";

/** The gradient of Σ aᵢ xᵢ² / 2. */
const curvature = [1, 4, 9];
const gradient = (x: ArrayLike<number>, out: Float64Array) => {
  for (let i = 0; i < out.length; i++) out[i] = curvature[i] * x[i];
};

describe.each(["wasm", "plain"] as const)("sam on %s", (backend) => {
  const start = Float64Array.of(1, -2, 0.5);

  test("steps with the gradient found rho uphill", () => {
    const optimizer = sgd({ x: start }, { backend, lr: 0.1 });
    const { params, grads } = optimizer;
    sam(optimizer, { rho: 0.5 }).step(() => gradient(params.x, grads.x));
    const g = curvature.map((a, i) => a * start[i]);
    const norm = Math.hypot(...g);
    const uphill = start.map((x, i) => x + (0.5 * g[i]) / norm);
    start.forEach((x, i) => {
      expect(params.x[i]).toBeCloseTo(x - 0.1 * curvature[i] * uphill[i], 12);
    });
  });

  test("rho 0 is the optimizer alone, to the bit, and a promise does as well", async () => {
    const [alone, around, awaited] = [0, 1, 2].map(() => adam({ x: start }, { backend, lr: 0.1 }));
    const [sync, async] = [sam(around, { rho: 0 }), sam(awaited, { rho: 0 })];
    for (let t = 0; t < 5; t++) {
      gradient(alone.params.x, alone.grads.x);
      alone.step();
      const closure = ({ params, grads }: typeof alone) => {
        gradient(params.x, grads.x);
        return t;
      };
      expect(sync.step(() => closure(around))).toBe(t);
      expect(await async.step(async () => closure(awaited))).toBe(t);
    }
    expect(around.params).toEqual(alone.params);
    expect(awaited.params).toEqual(alone.params);
  });

  test("a closure that throws uphill leaves the parameters where they were", async () => {
    const optimizer = sgd({ x: start }, { backend });
    const failing = () => {
      let calls = 0;
      return () => {
        gradient(optimizer.params.x, optimizer.grads.x);
        calls++;
        if (calls === 2) throw new Error("uphill");
      };
    };
    const around = sam(optimizer);
    expect(() => around.step(failing())).toThrow("uphill");
    const call = failing();
    await expect(around.step(async () => call())).rejects.toThrow("uphill");
    expect([...optimizer.params.x]).toEqual([...start]);
    expect(optimizer.stepCount).toBe(0);
  });
});

test("refuses a bad rho", () => {
  const optimizer = sgd({ x: [1] });
  expect(() => sam(optimizer, { rho: -1 })).toThrow(new RangeError("sam: rho must be a finite number ≥ 0, got -1"));
});
