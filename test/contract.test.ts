import { describe, expect, test } from "vitest";
import { Arena } from "../src/arena.ts";
import type { BackendName } from "../src/backend.ts";
import { constant, type Optimizer } from "../src/index.ts";
import * as optimizers from "../src/optimizers/index.ts";
import { baseOf, all as makers } from "./makers.ts";

/** Any optimizer of the table, with the options that all of them have. */
type Options = {
  readonly lr?: number | ((k: number) => number);
  readonly weightDecay?: number;
  readonly maximize?: boolean;
  readonly gradScale?: number;
  readonly clipValue?: number | ((k: number) => number);
  readonly clipTensorNorm?: number;
  readonly clipAdaptive?: number;
  readonly centralize?: boolean;
  readonly trainable?: boolean;
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly clipNorm?: number | ((k: number) => number);
  readonly onNonFinite?: "skip" | "throw" | "ignore";
  readonly inPlace?: boolean;
  readonly groups?: readonly (Options & {
    readonly match: string | RegExp | ((name: string, shape: readonly number[]) => boolean);
  })[];
  readonly dtype?: "f32" | "f64";
  readonly backend?: BackendName;
  readonly arena?: Arena;
};
type Any = Optimizer<Readonly<Record<string, Float64Array | Float32Array | readonly number[]>>>;
type Make = (
  params: Readonly<Record<string, Float64Array | Float32Array | readonly number[]>>,
  options?: Options,
) => Any;

/** Options without which something besides the gradient moves a parameter: a decay, a moment that does not start at 0, a least step, an lr that corrects itself. */
const still: Readonly<Record<string, object>> = {
  asgd: { lambd: 0 },
  rprop: { minStep: 0 },
  sgdHd: { hypergradLr: 0 },
  yogi: { initialAccumulatorValue: 0 },
};

/** Vectors' learning rates that are not called lr. */
const otherLrs: Readonly<Record<string, object>> = { muon: { adamLr: 0 } };

const backends: readonly BackendName[] = ["wasm", "plain"];
const all = makers.flatMap((factory) =>
  backends.map((backend) => ({
    name: factory.spec.name,
    backend,
    make: factory as unknown as Make,
    decays: "weightDecay" in factory.spec.options,
    elementwise: !factory.spec.rescale && !factory.spec.trust,
  })),
);

/** Seven updates with gradients that the step number and the element decide. */
function run(optimizer: Any, scale = 1): Any {
  for (let t = 0; t < 7; t++) {
    for (const [key, grad] of Object.entries(optimizer.grads))
      for (let i = 0; i < grad.length; i++)
        grad[i] = scale * Math.fround(((i * 7 + t * 3 + key.length) % 11) / 11 - 0.4);
    optimizer.step();
  }
  return optimizer;
}

const start = () => ({ a: Float32Array.from([1, -2, 3, 0.5, -0.25]), bb: Float32Array.from([0.1, 0.2, 0.3]) });

// FTRL's parameter is a function of its state alone: it moves whatever the gradient is.
describe.each(all.filter(({ name }) => baseOf(name) !== "ftrl"))(
  "$name on $backend, left alone",
  ({ name, make, backend, decays }) => {
    test("a zero gradient without decay moves nothing", () => {
      const optimizer = make(start(), { backend, ...(decays ? { weightDecay: 0 } : {}), ...still[name] });
      optimizer.step();
      expect([...optimizer.params.a]).toEqual([...start().a]);
    });

    test("lr 0 moves nothing", () => {
      expect([...run(make(start(), { backend, lr: 0, ...otherLrs[name], ...still[name] })).params.a]).toEqual([
        ...start().a,
      ]);
    });
  },
);

describe.each(all.filter(({ elementwise }) => elementwise))(
  "$name on $backend, element by element",
  ({ make, backend }) => {
    test("how parameters are split makes no difference", () => {
      const whole = make({ w: Float32Array.from([1, 2, 3, 4, 5, 6, 7]) }, { backend });
      const parts = make({ a: Float32Array.from([1, 2]), b: Float32Array.from([3, 4, 5, 6, 7]) }, { backend });
      const grad = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7];
      for (let t = 0; t < 5; t++) {
        whole.step({ w: grad });
        parts.step({ a: grad.slice(0, 2), b: grad.slice(2) });
      }
      expect([...parts.params.a, ...parts.params.b]).toEqual([...whole.params.w]);
    });
  },
);

describe.each(all)("$name on $backend", ({ make, backend, decays }) => {
  const decay = (weightDecay: number): Options => (decays ? { weightDecay } : {});

  test("says which backend runs", () => {
    expect(make({ a: [2] }, { backend }).backend).toBe(backend);
  });

  test("updates the views it handed out, and they never move", () => {
    const optimizer = make(start(), { backend });
    const { params, grads } = optimizer;
    const { a } = params;
    run(optimizer);
    for (let i = 0; i < 20; i++) make({ w: [10_000] }, { backend });
    expect(optimizer.params).toBe(params);
    expect(optimizer.grads).toBe(grads);
    expect(optimizer.params.a).toBe(a);
    expect(a.length).toBe(5);
    expect([...a]).not.toEqual([...start().a]);
  });

  test("groups of the same options are one group", () => {
    const one = run(make(start(), { backend }));
    const two = run(make(start(), { backend, groups: [{ match: "a" }] }));
    expect(two.params).toEqual(one.params);
  });

  test("a constant schedule is a constant", () => {
    const number = run(make(start(), { backend, lr: 0.05, ...decay(0.01) }));
    const scheduled = run(make(start(), { backend, lr: constant({ value: 0.05 }), ...decay(0.01) }));
    expect(scheduled.params).toEqual(number.params);
  });

  test("maximize is the negated gradient", () => {
    const up = run(make(start(), { backend, maximize: true, ...decay(0.1) }));
    expect(up.params).toEqual(run(make(start(), { backend, ...decay(0.1) }), -1).params);
  });

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
    const before = new Uint8Array(arena.kernels.buffer).slice();
    optimizer.step();
    expect(new Uint8Array(arena.kernels.buffer)).toEqual(before);
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

  test("a schedule that leaves its option's range throws before anything changes", () => {
    const optimizer = make(start(), { backend, lr: (k) => 0.1 - k });
    optimizer.grads.a.fill(1);
    optimizer.step();
    const before = [...optimizer.params.a];
    expect(() => optimizer.step()).toThrow(/^[\w.]+: lr must be a finite number [≥>] 0, got -0.9 at step 1$/);
    expect([...optimizer.params.a]).toEqual(before);
    expect(optimizer.stepCount).toBe(1);
  });

  test("tells what the last step used", () => {
    const optimizer = make(start(), { backend, lr: (k) => 1 / (k + 1), groups: [{ match: "bb", lr: 0.5 }] });
    expect([optimizer.lr, optimizer.stepCount]).toEqual([1, 0]);
    run(optimizer);
    expect(optimizer.stepCount).toBe(7);
    expect(optimizer.lr).toBe(1 / 7);
    expect(optimizer.hyper("lr", "a")).toBe(1 / 7);
    expect(optimizer.hyper("lr", "bb")).toBe(0.5);
  });

  test("with all parameters in groups, lr is still the optimizer's own", () => {
    const lr = (k: number) => 1 / (k + 1);
    const optimizer = run(make(start(), { backend, lr, groups: [{ match: /./, lr: 0.25, trainable: false }] }));
    expect([optimizer.lr, optimizer.hyper("lr", "a")]).toEqual([1 / 7, 0.25]);
  });

  test("groups match by name, by pattern and by predicate, the first that does", () => {
    const optimizer = make(
      { "dense.kernel": [2, 3], "dense.bias": [3], out: [3, 1] },
      {
        backend,
        lr: 1,
        groups: [
          { match: "out", lr: 2 },
          { match: /bias$/g, lr: 3 },
          { match: (_, shape) => shape.length === 2, lr: 4 },
        ],
      },
    );
    const lrs = ["dense.kernel", "dense.bias", "out"].map((name) => optimizer.hyper("lr", name));
    expect(lrs).toEqual([4, 3, 2]);
  });

  test("parameters given as an array come back as one", () => {
    const optimizer = (make as unknown as (params: readonly Float32Array[], options: Options) => Any)(
      [start().a, start().bb],
      { backend },
    );
    expect(Array.isArray(optimizer.params)).toBe(true);
    run(optimizer);
    expect([...(optimizer.params as unknown as readonly Float32Array[])[0]]).not.toEqual([...start().a]);
  });

  test("copies gradients in and, in place, results out", () => {
    const mine = start();
    const inPlace = make(mine, { backend, inPlace: true });
    const other = make(start(), { backend });
    const grads = { a: [1, 2, 3, 4, 5], bb: new Float64Array([0.5, 0.25, 2]) };
    inPlace.step(grads);
    other.grads.a.set(grads.a);
    other.grads.bb.set(grads.bb);
    other.step();
    expect(inPlace.params).toEqual(other.params);
    expect(mine).toEqual({ a: other.params.a.slice(), bb: other.params.bb.slice() });
  });

  test("without inPlace the arrays it was given stay as they are", () => {
    const mine = start();
    run(make(mine, { backend }));
    expect(mine).toEqual(start());
  });

  test("zeroGrad zeroes the gradients of all groups", () => {
    const optimizer = run(make(start(), { backend, groups: [{ match: "a" }] }));
    optimizer.zeroGrad();
    expect([...optimizer.grads.a, ...optimizer.grads.bb]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("f64 keeps what f32 cannot", () => {
    const optimizer = make({ a: Float64Array.of(1 + 2 ** -40) }, { backend });
    expect(optimizer.params.a).toBeInstanceOf(Float64Array);
    optimizer.step();
    expect(make({ a: [1] }, { backend, dtype: "f64" }).grads.a).toBeInstanceOf(Float64Array);
  });

  test("several optimizers share an arena without touching each other", () => {
    const arena = new Arena({ bytes: 1 << 16, backend });
    const [first, second] = [make(start(), { arena }), make(start(), { arena })];
    run(first);
    expect([...second.params.a]).toEqual([...start().a]);
    run(second);
    expect(second.params).toEqual(first.params);
    expect(first.params).toEqual(run(make(start(), { backend })).params);
  });

  test("gives its memory back when disposed, and starts anew in it", () => {
    const arena = new Arena({ bytes: 1 << 16, backend });
    const whole = arena.available;
    const optimizer = run(make(start(), { arena }));
    expect(arena.available).toBeLessThan(whole);
    optimizer.dispose();
    optimizer.dispose();
    expect(arena.available).toBe(whole);
    const other = run(make(start(), { arena }));
    const before = new Uint8Array(arena.kernels.buffer).slice();
    const disposed = new Error(`${optimizer.name}: this optimizer is disposed`);
    expect(() => optimizer.step()).toThrow(disposed);
    expect(() => optimizer.zeroGrad()).toThrow(disposed);
    expect(() => optimizer.eval()).toThrow(disposed);
    expect(() => optimizer.train()).toThrow(disposed);
    expect(new Uint8Array(arena.kernels.buffer)).toEqual(before);
    other.dispose();
    expect(run(make(start(), { arena })).params).toEqual(run(make(start(), { backend })).params);
  });

  test("an empty parameter is a parameter", () => {
    const optimizer = make({ a: [0], b: [3, 0], c: [] }, { backend });
    expect([optimizer.params.a.length, optimizer.params.b.length, optimizer.params.c.length]).toEqual([0, 0, 1]);
    optimizer.step({ a: [], b: [], c: [1] });
    expect(optimizer.stepCount).toBe(1);
  });
});

describe.each(makers.map((factory) => ({ name: factory.spec.name, make: factory as unknown as Make })))(
  "$name",
  ({ make }) => {
    test("both backends agree after clipping by the norm of many blocks", () => {
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
      expect(Buffer.from(wasm.params.w.slice().buffer).equals(Buffer.from(plain.params.w.slice().buffer))).toBe(true);
      expect(Buffer.from(wasm.params.v.slice().buffer).equals(Buffer.from(plain.params.v.slice().buffer))).toBe(true);
    });
  },
);

test("accumulated gradients: schedules and bias correction follow the updates, not the batches", () => {
  const batches = [
    [1, -2],
    [3, 0.5],
    [-1, 4],
    [0.25, 2],
  ];
  const lr = (k: number) => 0.1 / (k + 1);
  const accumulated = optimizers.adam({ w: [2] }, { lr, gradScale: 1 / 4 });
  const mean = optimizers.adam({ w: [2] }, { lr });
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

test.each(backends)("rmsprop's variance is held at 0 where rounding makes it negative, on %s", (backend) => {
  let negative = 0;
  for (let k = 1; k < 50; k++) {
    const optimizer = optimizers.rmsprop({ w: [1] }, { backend, centered: true, alpha: 0.9 });
    for (let t = 0; t < 200; t++) optimizer.step({ w: [k / 100] });
    const { square_avg, grad_avg } = optimizer.state("w");
    if (square_avg[0] < Math.fround(grad_avg[0] * grad_avg[0])) negative++;
    expect(optimizer.params.w[0]).not.toBeNaN();
  }
  // A gradient that never changes has no variance but what rounding makes.
  expect(negative).toBeGreaterThan(0);
});
