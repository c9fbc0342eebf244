/** What is done to a gradient before an optimizer sees it, and about one that is not finite: the same for all. */
import { describe, expect, test } from "vitest";
import type { Spec } from "../src/engine/spec.ts";
import { adam } from "../src/index.ts";
import { Arena } from "../src/memory/arena.ts";
import { all, backends, decayIf, type Make, type Options, run, sameBytes, start } from "./contract.ts";
import { isLong } from "./long.ts";
import { makers as makerOf, all as makers } from "./makers.ts";

describe.each(all)("$name on $backend", ({ make, backend, decays }) => {
  const decay = decayIf(decays);

  test("gradScale undoes a power of two in the gradient", () => {
    const scaled = run(make(start(), { backend, gradScale: 0.25, ...decay(0.1) }), 4);
    expect(scaled.params).toEqual(run(make(start(), { backend, ...decay(0.1) })).params);
  });

  test("clipValue is the clamped gradient", () => {
    const clipped = make(start(), { backend, clipValue: 0.25 });
    const clamped = make(start(), { backend });
    for (const raw of [
      [1, -1, 0.125, 0.25, -0.25],
      [-3, 0.5, 0, 2, 0.125],
    ]) {
      clipped.step({ a: raw, bb: [9, 9, -9] });
      clamped.step({ a: raw.map((x) => Math.max(-0.25, Math.min(0.25, x))), bb: [0.25, 0.25, -0.25] });
    }
    expect(clipped.params).toEqual(clamped.params);
  });

  test("clipNorm takes the norm over all groups", () => {
    // ‖(3, 4, 12, 84)‖ = 85, so a limit of 42.5 halves them, exactly.
    const clipped = make({ a: [2], b: [2] }, { backend, clipNorm: 42.5, groups: [{ match: "b" }] });
    const halved = make({ a: [2], b: [2] }, { backend });
    for (let t = 0; t < 3; t++) {
      clipped.step({ a: [3, 4], b: [12, 84] });
      halved.step({ a: [1.5, 2], b: [6, 42] });
    }
    expect(clipped.params).toEqual(halved.params);
  });

  test("a norm below clipNorm changes nothing", () => {
    expect(run(make(start(), { backend, clipNorm: 1e6 })).params).toEqual(run(make(start(), { backend })).params);
  });

  test("clipTensorNorm clips each tensor by its own norm, before the decay joins it", () => {
    // ‖(3, 4)‖ = 5 becomes 2.5; ‖(0.5, 0.5)‖ stays.
    const clipped = make({ a: [2], b: [2] }, { backend, clipTensorNorm: 2.5, ...decay(0.5) });
    const halved = make({ a: [2], b: [2] }, { backend, ...decay(0.5) });
    for (let t = 0; t < 3; t++) {
      clipped.step({ a: [3, 4], b: [0.5, 0.5] });
      halved.step({ a: [1.5, 2], b: [0.5, 0.5] });
    }
    for (const key of ["a", "b"]) {
      const [actual, expected] = [clipped.params[key], halved.params[key]];
      actual.forEach((x, i) => {
        expect(x).toBeCloseTo(expected[i], 6);
      });
    }
  });

  test("centralize takes from each row its mean, and leaves vectors alone", () => {
    const centralized = make({ w: [2, 3], b: [3] }, { backend, centralize: true });
    const by = make({ w: [2, 3], b: [3] }, { backend });
    for (let t = 0; t < 3; t++) {
      centralized.step({ w: [1, 2, 6, -4, 0, 1], b: [1, 2, 6] });
      by.step({ w: [-2, -1, 3, -3, 1, 2], b: [1, 2, 6] });
    }
    expect(centralized.params).toEqual(by.params);
  });

  test("shapes give typed arrays the rows that a shape has", () => {
    const options = { backend, clipAdaptive: 0.5, dtype: "f64" } as const;
    const shaped = make({ w: [3, 2] }, options);
    const typed = make({ w: new Float64Array(6) }, { ...options, shapes: { w: [3, 2] } });
    for (const optimizer of [shaped, typed]) {
      optimizer.params.w.set([3, 4, 0.3, 0.4, 1, 1]);
      optimizer.step({ w: [6, 8, 6, 8, 0.1, 0] });
    }
    expect([...typed.params.w]).toEqual([...shaped.params.w]);
  });

  test("clipAdaptive bounds each row by its parameter's", () => {
    // Rows of length 5, 0 and 50; a bound of ½ lets gradients of 2.5, ½ · 0.001 and 25 through.
    const w = () => Float64Array.of(3, 4, 0, 0, 30, 40);
    const clipped = make({ w: [3, 2] }, { backend, clipAdaptive: 0.5, dtype: "f64" });
    const by = make({ w: [3, 2] }, { backend, dtype: "f64" });
    clipped.params.w.set(w());
    by.params.w.set(w());
    clipped.step({ w: [12, 16, 0.3, 0.4, 1, 2] });
    by.step({ w: [1.5, 2, 3e-4, 4e-4, 1, 2] });
    // The bound is computed, so it is off by an ulp or two.
    clipped.params.w.forEach((x, i) => {
      expect(x).toBeCloseTo(by.params.w[i], 12);
    });
  });

  const guards: readonly Options[] = [{}, { clipNorm: 1 }, { onNonFinite: "throw" }];
  test.each(guards)(
    "a frozen group keeps still, has no state, and neither its norm nor its NaN counts: %o",
    (guard) => {
      const frozen = make(start(), { backend, ...guard, groups: [{ match: "bb", trainable: false }] });
      const alone = make({ a: start().a }, { backend, ...guard });
      for (let t = 0; t < 3; t++) {
        frozen.step({ a: [1, 2, 3, 4, 5], bb: [NaN, 1e9, 1] });
        alone.step({ a: [1, 2, 3, 4, 5] });
      }
      expect(frozen.params.a).toEqual(alone.params.a);
      expect([...frozen.params.bb]).toEqual([...start().bb]);
      expect(frozen.state("bb")).toEqual({});
      expect([frozen.stepCount, frozen.skipped]).toEqual([3, 0]);
    },
  );

  test.each([NaN, Infinity, -Infinity])("skips a gradient with %s and touches nothing", (bad) => {
    const arena = new Arena({ bytes: 1 << 16, backend });
    const optimizer = run(make(start(), { arena, groups: [{ match: "bb" }] }));
    optimizer.grads.bb[2] = bad;
    const before = arena.kernels.buffer.slice(0);
    optimizer.step();
    expect(sameBytes(arena.kernels.buffer, before)).toBe(true);
    expect([optimizer.skipped, optimizer.stepCount]).toEqual([1, 7]);
    optimizer.step({ a: [0, 0, 0, 0, 0], bb: [1, 1, 1] });
    expect([optimizer.skipped, optimizer.stepCount]).toEqual([1, 8]);
  });

  test("skips a gradient whose norm is not finite, with clipNorm too", () => {
    const optimizer = make(start(), { backend, clipNorm: 1 });
    optimizer.grads.a[4] = NaN;
    optimizer.step();
    expect([...optimizer.params.a]).toEqual([...start().a]);
    expect(optimizer.skipped).toBe(1);
  });

  test.each([{ clipTensorNorm: 1 }, { clipAdaptive: 1 }, { clipNorm: 1 }])(
    "a norm whose square is beyond f64 is not finite: %o",
    (clip) => {
      const whole = { backend, dtype: "f64" } as const;
      const groups = "clipNorm" in clip ? { ...whole, ...clip } : { ...whole, groups: [{ match: "b", ...clip }] };
      const huge = { a: [1, 1], b: [1e160, 1] };
      const skipping = make({ a: [2], b: [2] }, groups);
      const before = structuredClone(skipping.save());
      skipping.step(huge);
      expect(skipping.save()).toEqual({ ...before, skipped: 1 });
      const throwing = make({ a: [2], b: [2] }, { ...groups, onNonFinite: "throw" });
      expect(() => throwing.step(huge)).toThrow(
        new Error(`${throwing.name}: the gradients' norm is not finite at step 0`),
      );
      expect(throwing.save()).toEqual(before);

      // What takes it down before the norm is taken lets it through.
      for (const down of [{ gradScale: 1e-160 }, { clipValue: 2 }, { onNonFinite: "ignore" }] as const) {
        // clipNorm takes it of the gradient as it is given.
        if ("clipNorm" in clip && !("onNonFinite" in down)) continue;
        const optimizer = make({ a: [2], b: [2] }, { ...groups, ...down });
        optimizer.step(huge);
        expect([optimizer.stepCount, optimizer.skipped]).toEqual([1, 0]);
      }
    },
  );

  test("throws on it if asked to, naming the parameter, and touches nothing", () => {
    const optimizer = make(start(), { backend, onNonFinite: "throw" });
    optimizer.grads.bb[0] = NaN;
    expect(() => optimizer.step()).toThrow(new Error(`${optimizer.name}: the gradient of bb is not finite at step 0`));
    expect([...optimizer.params.a]).toEqual([...start().a]);
    expect(optimizer.stepCount).toBe(0);
  });

  test("lets it through if asked to", () => {
    const optimizer = make(start(), { backend, onNonFinite: "ignore", lr: 0.1 });
    optimizer.grads.a[1] = NaN;
    optimizer.step();
    expect(optimizer.params.a[1]).toBeNaN();
    expect(optimizer.stepCount).toBe(1);
  });
});

/** What decides by which way a gradient comes to its parameter. */
const way = ({
  scaleGradient: rescale,
  trustRatio: trust,
  decayInUpdate: joined,
  matrix,
  globalStats: survey,
  evaluation,
  decayKind: decay,
  scalars,
}: Spec): string =>
  [rescale, trust, joined, matrix, survey, evaluation, decay, scalars.includes("shrink")].map(Boolean).join();

const specs: readonly Spec[] = makers.map(({ spec }) => spec);
const firstOfTheirWay = specs.filter((spec, i) => specs.findIndex((other) => way(other) === way(spec)) === i);

test.each(isLong ? specs : firstOfTheirWay)(
  "$name: both backends agree after clipping by the norm of many blocks",
  ({ name }) => {
    const make = makerOf[name] as unknown as Make;
    const [wasm, plain] = backends.map((backend) => {
      const optimizer = make(
        { w: [200_003], v: [70_001] },
        { backend, clipNorm: 0.1, lr: 0.1, groups: [{ match: "v" }] },
      );
      for (let t = 0; t < 3; t++) {
        for (const grad of Object.values(optimizer.grads))
          for (let i = 0; i < grad.length; i++) grad[i] = ((i * 2654435761) % 1000) / 1000 - 0.3 * t;
        optimizer.step();
      }
      return optimizer;
    });
    expect(sameBytes(wasm.params.w.slice().buffer, plain.params.w.slice().buffer)).toBe(true);
    expect(sameBytes(wasm.params.v.slice().buffer, plain.params.v.slice().buffer)).toBe(true);
  },
);

test("elements that only together have squares beyond f64", () => {
  for (const [length, skipped] of [
    [100, 0],
    [200, 1],
  ]) {
    const optimizer = adam({ w: [length] }, { dtype: "f64", clipTensorNorm: 1 });
    optimizer.step({ w: new Float64Array(length).fill(1e153) });
    expect(optimizer.skipped).toBe(skipped);
  }
});

test.each([NaN, -Infinity])("clipValue makes nothing finite of %s where a norm is clipped too", (bad) => {
  const optimizer = adam({ w: [2] }, { dtype: "f64", clipValue: 1, clipTensorNorm: 1 });
  optimizer.step({ w: [1, bad] });
  expect(optimizer.skipped).toBe(1);
});

test("accumulated gradients: schedules and bias correction follow the updates, not the batches", () => {
  const batches = [
    [1, -2],
    [3, 0.5],
    [-1, 4],
    [0.25, 2],
  ];
  const lr = (k: number) => 0.1 / (k + 1);
  const accumulated = adam({ w: [2] }, { lr, gradScale: 1 / 4 });
  const mean = adam({ w: [2] }, { lr });
  for (let update = 0; update < 5; update++) {
    accumulated.zeroGrad();
    for (const batch of batches) for (const i of [0, 1]) accumulated.grads.w[i] += batch[i];
    accumulated.step();
    mean.step({ w: [0.8125, 1.125] });
  }
  expect(accumulated.stepCount).toBe(5);
  expect(accumulated.lr).toBe(0.02);
  expect(accumulated.params).toEqual(mean.params);
});
