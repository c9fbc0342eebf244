import { describe, expect, test } from "vitest";
import { constant } from "../src/index.ts";
import { Arena } from "../src/memory/arena.ts";
import * as optimizers from "../src/optimizers/index.ts";
import { type Any, all, backends, decayIf, type Options, run, sameBytes, start } from "./contract.ts";
import { baseOf } from "./makers.ts";

/**
 * Options without which something besides the gradient moves a parameter: a decay, a moment that does not start at 0, a least step, an lr
 * that corrects itself.
 */
const still: Readonly<Record<string, object>> = {
  asgd: { lambd: 0 },
  rprop: { minStep: 0 },
  sgdHd: { hypergradLr: 0 },
  yogi: { initialAccumulatorValue: 0 },
};

/** Vectors' learning rates that are not called lr. */
const otherLrs: Readonly<Record<string, object>> = { muon: { adamLr: 0 } };

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
  const decay = decayIf(decays);

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

  test.each([0.05, (k: number) => 0.05 / (k + 1)])("an lr set before the first step is as one given: %s", (lr) => {
    const optimizer = make(start(), { backend, lr: 0.01, ...decay(0.01) });
    optimizer.lr = lr;
    const given = make(start(), { backend, lr, ...decay(0.01) });
    expect(run(optimizer).params).toEqual(run(given).params);
    expect(optimizer.state("a")).toEqual(given.state("a"));
  });

  test("maximize is the negated gradient", () => {
    const up = run(make(start(), { backend, maximize: true, ...decay(0.1) }));
    expect(up.params).toEqual(run(make(start(), { backend, ...decay(0.1) }), -1).params);
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
    const before = arena.kernels.buffer.slice(0);
    const disposed = new Error(`${optimizer.name}: this optimizer is disposed`);
    expect(() => optimizer.step()).toThrow(disposed);
    expect(() => optimizer.zeroGrad()).toThrow(disposed);
    expect(() => optimizer.eval()).toThrow(disposed);
    expect(() => optimizer.train()).toThrow(disposed);
    expect(sameBytes(arena.kernels.buffer, before)).toBe(true);
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
