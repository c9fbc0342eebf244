import { describe, expect, test } from "vitest";
import { adam, scheduleFreeAdamw, scheduleFreeSgd } from "../src/index.ts";

const makers = { scheduleFreeSgd, scheduleFreeAdamw };
const cases = Object.entries(makers).flatMap(([name, make]) =>
  (["wasm", "plain"] as const).map((backend) => ({ name, make, backend })),
);

describe.each(cases)("$name on $backend", ({ name, make, backend }) => {
  const start = Float64Array.of(1, -2, 0.5);
  /** Ten steps down a bowl, and z after each. */
  const train = () => {
    const optimizer = make({ x: start }, { backend, lr: 0.1 });
    const { x } = optimizer.params;
    const trace: number[][] = [];
    for (let t = 0; t < 10; t++) {
      optimizer.step({ x: Float64Array.from(x, (value, i) => (i + 1) * value) });
      trace.push([...optimizer.state("x").z]);
    }
    return { optimizer, x, trace };
  };

  test("evaluates with the mean of z, at a constant lr", () => {
    const { optimizer, x, trace } = train();
    optimizer.eval();
    x.forEach((value, i) => {
      expect(value).toBeCloseTo(trace.reduce((sum, z) => sum + z[i], 0) / trace.length, 14);
    });
  });

  test("comes back to the weights to train, and does not go anywhere twice", () => {
    const { optimizer, x } = train();
    const before = [...x];
    optimizer.eval();
    const evaluated = [...x];
    optimizer.eval();
    expect([...x]).toEqual(evaluated);
    expect(evaluated).not.toEqual(before);
    optimizer.train();
    optimizer.train();
    // There and back are four roundings each.
    x.forEach((value, i) => {
      expect(value).toBeCloseTo(before[i], 14);
    });
  });

  test("cannot step with the weights to evaluate with", () => {
    const { optimizer } = train();
    optimizer.eval();
    expect(() => optimizer.step()).toThrow(
      new Error(`${name}: the parameters are the weights to evaluate with: call train() first`),
    );
    optimizer.train();
    optimizer.step();
    expect(optimizer.stepCount).toBe(11);
  });

  test("starts from what the parameters are at the first step, not at creation", () => {
    const optimizer = make({ x: [3] }, { backend, lr: 0.1, dtype: "f64" });
    optimizer.params.x.set(start);
    optimizer.eval();
    optimizer.train();
    optimizer.step({ x: [0, 0, 0] });
    expect([...optimizer.params.x]).toEqual([...start]);
    expect([...optimizer.state("x").z]).toEqual([...start]);
  });
});

test("for the others both weights are the same", () => {
  const optimizer = adam({ x: [2] });
  optimizer.step({ x: [1, 2] });
  const before = [...optimizer.params.x];
  optimizer.eval();
  expect([...optimizer.params.x]).toEqual(before);
  optimizer.step({ x: [1, 2] });
  expect(optimizer.stepCount).toBe(2);
});
