import { describe, expect, test } from "vitest";
import { adam, ema, sam, sgd } from "../src/index.ts";

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

  /** The parameters at the second call, with gradients that are the same at both. */
  const uphillOf = (options: object, grads: Readonly<Record<"a" | "b", readonly number[]>>) => {
    const optimizer = sgd({ a: Float64Array.of(1), b: Float64Array.of(5) }, { backend, ...options });
    const seen: (readonly [number, number])[] = [];
    sam(optimizer, { rho: 0.5 }).step(() => {
      seen.push([optimizer.params.a[0], optimizer.params.b[0]]);
      for (const key of ["a", "b"] as const) optimizer.grads[key].set(grads[key]);
    });
    return seen[1];
  };

  test("what is frozen stays, and has no part in the norm", () => {
    const options = { groups: [{ match: "b", trainable: false }] };
    const [a, b] = uphillOf(options, { a: [1], b: [5] });
    // rho / (1 + 1e-12)
    expect(a).toBeCloseTo(1.5, 11);
    expect(b).toBe(5);
  });

  test("maximize is the negated gradient, in each group by itself", () => {
    const [a, b] = uphillOf({ maximize: true }, { a: [3], b: [4] });
    expect([a, b]).toEqual(uphillOf({}, { a: [-3], b: [-4] }));
    expect([a < 1, b < 5]).toEqual([true, true]);
    const options = { groups: [{ match: "b", maximize: true }] };
    expect(uphillOf(options, { a: [3], b: [4] })).toEqual(uphillOf({}, { a: [3], b: [-4] }));
  });

  test("a group's gradScale has its say, at the step at hand", () => {
    const lone = { groups: [{ match: "b" }] };
    const scaled = { groups: [{ match: "b", gradScale: (k: number) => (k === 0 ? 0.5 : 9) }] };
    expect(uphillOf(scaled, { a: [3], b: [8] })).toEqual(uphillOf(lone, { a: [3], b: [4] }));
  });

  test("a gradient that is not finite leads nowhere", () => {
    expect(uphillOf({}, { a: [NaN], b: [1] })).toEqual([1, 5]);
    expect(uphillOf({}, { a: [1], b: [Infinity] })).toEqual([1, 5]);
  });

  test("while a step is under way nothing else may touch the parameters", async () => {
    const optimizer = sgd({ x: start }, { backend });
    const around = sam(optimizer);
    const average = ema(optimizer);
    const saved = optimizer.save();
    const busy = "a step is under way: await it first";
    const closure = () => {
      gradient(optimizer.params.x, optimizer.grads.x);
      optimizer.zeroGrad();
      expect(() => optimizer.step()).toThrow(new Error(`sgd: ${busy}`));
      expect(() => optimizer.save()).toThrow(new Error(`sgd: ${busy}`));
      expect(() => optimizer.load(saved)).toThrow(new Error(`sgd: ${busy}`));
      expect(() => optimizer.dispose()).toThrow(new Error(`sgd: ${busy}`));
      expect(() => around.step(() => 1)).toThrow(new Error(`sam: ${busy}`));
      expect(() => average.update()).toThrow(new Error(`ema: ${busy}`));
      expect(() => average.swap()).toThrow(new Error(`ema: ${busy}`));
      return 1;
    };
    expect(around.step(closure)).toBe(1);
    expect(await around.step(async () => closure())).toBe(1);
    expect(optimizer.stepCount).toBe(2);
    optimizer.dispose();
    expect(() => around.step(() => 1)).toThrow(new Error("sam: this optimizer is disposed"));
  });
});

test("refuses a bad rho", () => {
  const optimizer = sgd({ x: [1] });
  expect(() => sam(optimizer, { rho: -1 })).toThrow(new RangeError("sam: rho must be a finite number ≥ 0, got -1"));
});
