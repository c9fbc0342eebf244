/** Gradient noise: its distribution, and what it does and does not depend on. */
import { describe, expect, test } from "vitest";
import { Arena, adam, lars, type Optimizer, sgd } from "../src/index.ts";
import { noiseKey } from "../src/ops/noise.ts";
import { differences } from "./rig.ts";

const backends = ["wasm", "plain"] as const;
const N = 100_000;

interface Options {
  readonly backend?: "wasm" | "plain";
  readonly dtype?: "f32" | "f64";
  readonly gradNoise?: number | ((k: number) => number);
  readonly gradNoiseDecay?: number;
  readonly gradNoiseSeed?: number;
  readonly clipTensorNorm?: number;
}

/** The noise of updates 0 to `updates` − 1: what a step of length 1 along a gradient of zeros takes away. */
function noiseOf(length: number, updates: number, options: Options, name = "w"): Float64Array[] {
  const optimizer = sgd({ [name]: [length] }, { gradNoise: 1, dtype: "f64", lr: 1, ...options });
  const x = optimizer.params[name];
  return Array.from({ length: updates }, () => {
    x.fill(0);
    optimizer.step();
    return Float64Array.from(x, (value) => -value);
  });
}

const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length;
const products = (x: Float64Array, y: Float64Array) => x.map((value, i) => value * y[i]);

/** The normal distribution's, by the integral's series; to 1e-12 for |x| < 7. */
function normal(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-16; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

// The bounds below are of tests with a significance below 1e-4; as the seeds are fixed, so is the outcome.
test("it is standard normal", () => {
  const [z] = noiseOf(N, 1, {});
  const powers = [1, 2, 3, 4].map((power) => mean(z.map((x) => x ** power)));
  // The moments' standard errors: √(1, 2, 15, 96) / √N.
  [0, 1, 0, 3].forEach((moment, i) => {
    expect(Math.abs(powers[i] - moment)).toBeLessThan(4 * Math.sqrt([1, 2, 15, 96][i] / N));
  });
  // Kolmogorov & Smirnov: above 2.23 / √N with a probability of 1e-4.
  const gaps = z.sort().map((x, i) => Math.max(Math.abs(normal(x) - i / N), Math.abs(normal(x) - (i + 1) / N)));
  expect(Math.max(...gaps.subarray(0, N / 2), ...gaps.subarray(N / 2))).toBeLessThan(2.23 / Math.sqrt(N));
});

test("its variance is gradNoise / (1 + k)^gradNoiseDecay, and either can be a schedule", () => {
  const all = noiseOf(N, 4, { gradNoise: (k) => [4, 0, 9, 4][k], gradNoiseDecay: 0.75 });
  all.forEach((z, k) => {
    const variance = [4, 0, 9, 4][k] / (1 + k) ** 0.75;
    expect(Math.abs(mean(products(z, z)) - variance)).toBeLessThanOrEqual(variance * 4 * Math.sqrt(2 / N));
  });
});

test("elements, updates, parameters and seeds have nothing to do with each other", () => {
  const [first, second] = noiseOf(N, 2, { gradNoiseDecay: 0 });
  const others = [
    second,
    noiseOf(N, 1, {}, "v")[0],
    noiseOf(N, 1, {}, "ww")[0],
    noiseOf(N, 1, { gradNoiseSeed: 1 })[0],
    noiseOf(N, 1, { gradNoiseSeed: 2 ** 32 })[0],
    first.slice(1),
    first.slice(2),
    first.slice(64),
  ];
  for (const other of others) {
    const pairs = products(first.subarray(0, other.length), other);
    expect(Math.abs(mean(pairs))).toBeLessThan(4 / Math.sqrt(pairs.length));
    // And neither have their sizes.
    const sizes = products(pairs, pairs);
    expect(Math.abs(mean(sizes) - 1)).toBeLessThan(4 * Math.sqrt(8 / sizes.length));
  }
});

test("no two of many parameters and seeds share a stream", () => {
  const keys = new Set<string>();
  for (let seed = 0; seed < 50; seed++)
    for (let i = 0; i < 400; i++) keys.add(String(noiseKey(seed, i % 2 ? `layers.${i}.weight` : String(i))));
  expect(keys.size).toBe(50 * 400);
});

test("in f32 it is the same, rounded", () => {
  const [double] = noiseOf(1001, 1, {});
  const [single] = noiseOf(1001, 1, { dtype: "f32" });
  expect(single).toEqual(double.map(Math.fround));
});

describe.each(backends)("on %s", (backend) => {
  const shapes = { a: [7], b: [3, 5], c: [2, 3] };
  type Any = Optimizer<typeof shapes>;
  const options = { backend, gradNoise: 0.1, gradNoiseSeed: 7, lr: 0.1, weightDecay: 0.01 } as const;

  function run(optimizer: Any, steps: number): Any {
    for (let t = 0; t < steps; t++) {
      for (const grad of Object.values(optimizer.grads)) for (let i = 0; i < grad.length; i++) grad[i] = (i % 5) - 2;
      optimizer.step();
    }
    return optimizer;
  }
  const bits = (optimizer: Any) => ["a", "b", "c"].flatMap((key) => [...optimizer.params[key as "a"]]);

  test("how parameters are grouped, ordered and placed makes no difference", () => {
    const whole = bits(run(adam(shapes, options), 5));
    expect(bits(run(adam(shapes, { ...options, groups: [{ match: "b" }] }), 5))).toEqual(whole);
    expect(bits(run(adam(shapes, { ...options, groups: [{ match: /a|c/, lr: 0.1 }] }), 5))).toEqual(whole);
    const { a, b, c } = shapes;
    expect(bits(run(adam({ c, a, b }, options), 5))).toEqual(whole);
    const arena = new Arena({ bytes: 1 << 16, backend });
    adam({ other: [3] }, { arena });
    expect(bits(run(adam(shapes, { ...options, backend: undefined, arena }), 5))).toEqual(whole);
  });

  test("another seed is other noise, the same one the same", () => {
    const make = (gradNoiseSeed: number) => bits(run(adam(shapes, { ...options, gradNoiseSeed }), 5));
    expect(make(7)).toEqual(make(7));
    const [one, other] = [make(7), make(8)];
    one.forEach((x, i) => {
      expect(other[i]).not.toBe(x);
    });
  });

  test("a run that was saved goes on with the noise it would have had", () => {
    const whole = run(adam(shapes, options), 4);
    const saved = structuredClone(whole.save());
    run(whole, 3);
    const resumed = adam(shapes, { ...options, groups: [{ match: "c" }] });
    resumed.load(saved);
    expect(bits(run(resumed, 3))).toEqual(bits(whole));
  });

  test("a step that is left out does not use any up", () => {
    const [one, other] = [adam(shapes, options), adam(shapes, options)];
    run(one, 2);
    one.grads.a[0] = NaN;
    one.step();
    expect(one.skipped).toBe(1);
    expect(bits(run(one, 2))).toEqual(bits(run(other, 4)));
  });

  test("is not clipped, and is there before the norms of lars", () => {
    const loud = noiseOf(1000, 1, { backend, clipTensorNorm: 1e-3 })[0];
    expect(loud).toEqual(noiseOf(1000, 1, { backend })[0]);
    const optimizer = lars(
      { w: Float64Array.of(3, 4) },
      { backend, gradNoise: 1, lr: 1, trustCoeff: 0.5, eps: 0, alwaysAdapt: true },
    );
    optimizer.step();
    // ‖p‖ times the trust coefficient, whatever the noise.
    expect(Math.hypot(optimizer.params.w[0] - 3, optimizer.params.w[1] - 4)).toBeCloseTo(2.5, 12);
  });

  test("decay does not enlarge it", () => {
    const optimizer = sgd({ w: Float64Array.of(8) }, { backend, gradNoise: 1, lr: 1, weightDecay: 0.5 });
    optimizer.step();
    expect(optimizer.params.w[0]).toBeCloseTo(4 - noiseOf(1, 1, { backend })[0][0], 12);
  });
});

test.each(["f32", "f64"] as const)("both backends give the same bits in %s, at updates beyond 2^16 too", (dtype) => {
  const [wasm, plain] = backends.map((backend) => {
    const optimizer = sgd({ w: [70_001] }, { backend, dtype, gradNoise: 1, lr: 1 });
    const at = (stepCount: number) => {
      optimizer.load({ ...optimizer.save(), stepCount });
      optimizer.params.w.fill(0);
      optimizer.step();
      return Float64Array.from(optimizer.params.w);
    };
    return [3, 2 ** 16 + 3, 2 ** 31 + 3].map(at);
  });
  wasm.forEach((bits, i) => {
    expect(differences(bits, plain[i])).toBe(0);
  });
  const scaled = wasm.map((x, i) => x[0] * (1 + [3, 2 ** 16 + 3, 2 ** 31 + 3][i]) ** 0.275);
  expect(new Set(scaled.map((x) => x.toFixed(4))).size).toBe(3);
});
