/** The arrays given as parameters follow them wherever they are changed, if `inPlace` asks for it. */
import { describe, expect, test } from "vitest";
import { ema, lbfgs, lookahead, sam, scheduleFreeAdamw, sgd, swa } from "../src/index.ts";

const start = () => ({ a: Float32Array.of(1, -2, 3), b: Float32Array.of(0.5, 4) });
type Theirs = Readonly<Record<"a" | "b", Float32Array>>;

/** A gradient that is not the same at two points. */
const fill = (optimizer: { readonly params: Theirs; readonly grads: Theirs }) => {
  for (const key of ["a", "b"] as const)
    optimizer.grads[key].set(optimizer.params[key].map((x, i) => (i + 1) * (x - 0.25)));
};

describe.each(["wasm", "plain"] as const)("on %s", (backend) => {
  const make = (options: object = {}) => {
    const theirs = start();
    const optimizer = sgd(theirs, { backend, inPlace: true, lr: 0.1, ...options });
    const step = () => {
      fill(optimizer);
      optimizer.step();
    };
    return { theirs, optimizer, step };
  };

  test.each([ema, swa])("%o: swap() there and back", (average) => {
    const { theirs, optimizer, step } = make();
    const averages = average(optimizer);
    for (let t = 0; t < 3; t++) {
      step();
      averages.update();
    }
    const trained = structuredClone(theirs);
    averages.swap();
    expect(theirs).not.toEqual(trained);
    expect(theirs).toEqual(optimizer.params);
    averages.swap();
    expect(theirs).toEqual(trained);
  });

  test("lookahead's way back", () => {
    const { theirs, optimizer, step } = make();
    const ahead = lookahead(optimizer, { every: 2 });
    for (let t = 0; t < 4; t++) {
      step();
      ahead.update();
      expect(theirs).toEqual(optimizer.params);
    }
  });

  test("eval() and train() of what is schedule-free", () => {
    const theirs = start();
    const optimizer = scheduleFreeAdamw(theirs, { backend, inPlace: true, lr: 0.1 });
    for (let t = 0; t < 3; t++) {
      fill(optimizer);
      optimizer.step();
    }
    const trained = structuredClone(theirs);
    optimizer.eval();
    expect(theirs).not.toEqual(trained);
    expect(theirs).toEqual(optimizer.params);
    optimizer.train();
    expect(theirs).toEqual(optimizer.params);
  });

  test("sam: uphill for the second gradient, and after the step", () => {
    const { theirs, optimizer } = make();
    const seen: Theirs[] = [];
    sam(optimizer, { rho: 0.5 }).step(() => {
      seen.push(structuredClone(theirs));
      expect(theirs).toEqual(optimizer.params);
      fill(optimizer);
    });
    expect(seen).toHaveLength(2);
    expect(seen[0]).toEqual(start());
    expect(seen[1]).not.toEqual(start());
    expect(theirs).not.toEqual(start());
    expect(theirs).toEqual(optimizer.params);
  });

  test.each([1, 2])("sam: where they were, after a closure that throws at call %i", async (bad) => {
    for (const sync of [true, false]) {
      const { theirs, optimizer } = make();
      let calls = 0;
      const closure = () => {
        fill(optimizer);
        if (++calls === bad) throw new Error("no");
      };
      const around = sam(optimizer);
      if (sync) expect(() => around.step(closure)).toThrow("no");
      else await expect(around.step(async () => closure())).rejects.toThrow("no");
      expect(calls).toBe(bad);
      expect(theirs).toEqual(start());
    }
  });

  test("sam: where they were, after a step that throws or is left out", () => {
    for (const onNonFinite of ["throw", "skip"]) {
      const { theirs, optimizer } = make({ onNonFinite });
      let calls = 0;
      const step = () =>
        sam(optimizer).step(() => {
          fill(optimizer);
          if (++calls === 2) optimizer.grads.a[0] = NaN;
        });
      if (onNonFinite === "throw") expect(step).toThrow("not finite");
      else step();
      expect(theirs).toEqual(start());
    }
  });

  test("averages around lbfgs", () => {
    const theirs = start();
    const optimizer = lbfgs(theirs, { backend, inPlace: true });
    const averages = ema(optimizer);
    averages.update();
    optimizer.step(() => {
      fill(optimizer);
      return 1;
    });
    averages.swap();
    expect(theirs).toEqual(start());
    averages.swap();
    expect(theirs).toEqual(optimizer.params);
  });
});
