import { describe, expect, test } from "vitest";
import { adam, adamw, type Optimizer, prodigy, scheduleFreeSgd, sgd } from "../src/index.ts";
import { all } from "./makers.ts";
import { differences } from "./rig.ts";

type Any = Optimizer<{ readonly w: Float32Array; readonly bias: Float32Array }>;
type Make = (params: object, options?: object) => Any;

const start = () => ({ w: Float32Array.from([1, -2, 3, 0.5, -0.25]), bias: Float32Array.from([0.1, 0.2, 0.3]) });
const groups = [{ match: "bias", lr: 0.01 }];

/** Updates numbered `from` to `to`, with gradients that the number decides. */
function run(optimizer: Any, from: number, to: number): void {
  for (let t = from; t < to; t++) {
    for (const grad of Object.values(optimizer.grads))
      for (let i = 0; i < grad.length; i++) grad[i] = ((i * 7 + t * 3) % 11) / 11 - 0.4;
    optimizer.step();
  }
}

describe.each(all)("$spec.name", (factory) => {
  test("goes on from what was saved as if it had never stopped", () => {
    const make = factory as unknown as Make;
    const whole = make(start(), { groups });
    run(whole, 0, 7);
    const saved = structuredClone(whole.save());
    run(whole, 7, 20);

    const other = { w: new Float32Array(5).fill(9), bias: new Float32Array(3) };
    const resumed = make(other, { groups, backend: "plain" });
    run(resumed, 0, 3);
    resumed.load(saved);
    expect(resumed.stepCount).toBe(7);
    run(resumed, 7, 20);
    for (const key of ["w", "bias"] as const) {
      expect(differences(resumed.params[key], whole.params[key])).toBe(0);
      for (const [slot, x] of Object.entries(whole.state(key)))
        expect(differences(resumed.state(key)[slot], x)).toBe(0);
    }
  });
});

test("what was saved is a copy", () => {
  const optimizer = adam(start());
  const saved = optimizer.save();
  run(optimizer, 0, 3);
  expect([...saved.tensors.w.param]).toEqual([...start().w]);
  optimizer.load(saved);
  expect([...optimizer.params.w]).toEqual([...start().w]);
  expect([...optimizer.state("w").exp_avg]).toEqual([0, 0, 0, 0, 0]);
});

test("counts come along, and results go to the arrays of inPlace", () => {
  const optimizer = sgd(start());
  optimizer.grads.w[0] = NaN;
  optimizer.step();
  const theirs = start();
  const other = sgd(theirs, { inPlace: true });
  run(optimizer, 0, 2);
  other.load(optimizer.save());
  expect([other.stepCount, other.skipped]).toEqual([2, 1]);
  expect([...theirs.w]).toEqual([...optimizer.params.w]);
});

test("weights to evaluate with stay such", () => {
  const optimizer = scheduleFreeSgd(start());
  run(optimizer, 0, 5);
  optimizer.eval();
  const other = scheduleFreeSgd(start());
  other.load(optimizer.save());
  expect(() => other.step()).toThrow("call train() first");
  other.train();
  optimizer.train();
  expect([...other.params.w]).toEqual([...optimizer.params.w]);
});

test("what does not fit changes nothing and says why", () => {
  const optimizer = adamw(start());
  run(optimizer, 0, 4);
  const saved = optimizer.save();
  const { w, bias } = saved.tensors;
  const cases: readonly [object | null, string][] = [
    [null, "adamw: what is loaded must be what save() gave, got null"],
    [sgd(start()).save(), "adamw: what is loaded must be of adamw in f32, got sgd in f32"],
    [{ ...saved, dtype: "f64" }, "adamw: what is loaded must be of adamw in f32, got adamw in f64"],
    [{ ...saved, stepCount: -1 }, "adamw: the saved stepCount must be a whole number ≥ 0, got -1"],
    [{ ...saved, skipped: "1" }, 'adamw: the saved skipped must be a whole number ≥ 0, got "1"'],
    [{ ...saved, tensors: { w } }, "adamw: the saved parameters must be bias, w, got w"],
    [
      { ...saved, tensors: { bias, w: { ...w, state: {} } } },
      "adamw: the saved state of w must be exp_avg, exp_avg_sq, got none",
    ],
    [
      { ...saved, tensors: { bias, w: { ...w, param: new Float32Array(4) } } },
      "adamw: the saved w must have 5 elements, got 4",
    ],
    [
      { ...saved, tensors: { bias, w: { ...w, param: [1, 2, 3, 4, 5] } } },
      "adamw: the saved w must be a Float32Array, got [1, 2, 3, 4, 5]",
    ],
    [
      { ...saved, tensors: { w, bias: { ...bias, carry: { d: 1 } } } },
      "adamw: the saved carry of bias must be none, got d",
    ],
  ];
  run(optimizer, 4, 6);
  const before = structuredClone(optimizer.save());
  for (const [bad, message] of cases) expect(() => optimizer.load(bad as never)).toThrow(message);
  expect(optimizer.save()).toEqual(before);
});

test("numbers that all parameters carry together must agree", () => {
  const optimizer = prodigy(start());
  run(optimizer, 0, 4);
  const saved = optimizer.save();
  const { w, bias } = saved.tensors;
  const odd = { ...saved, tensors: { w, bias: { ...bias, carry: { ...bias.carry, d: 77 } } } };
  expect(() => optimizer.load(odd)).toThrow(`the saved d of bias must be that of all, ${w.carry.d}, got 77`);
});

test("lr can be set between steps, and given back", () => {
  const optimizer = sgd({ a: [1], b: [1] }, { lr: (k) => 2 ** k, groups: [{ match: "b", lr: 3 }] });
  const step = () => {
    optimizer.grads.a[0] = optimizer.grads.b[0] = -1;
    const before = [optimizer.params.a[0], optimizer.params.b[0]];
    optimizer.step();
    return [optimizer.params.a[0] - before[0], optimizer.params.b[0] - before[1]];
  };
  expect(step()).toEqual([1, 3]);
  optimizer.lr = 0.5;
  expect(optimizer.lr).toBe(0.5);
  expect(step()).toEqual([0.5, 3]);
  optimizer.lr = (k) => 10 * k;
  expect(step()).toEqual([20, 3]);
  optimizer.lr = undefined;
  expect(step()).toEqual([8, 3]);
  expect(() => {
    optimizer.lr = -1;
  }).toThrow("sgd: lr must be a finite number ≥ 0, got -1");
  expect(step()).toEqual([16, 3]);
});

test("after loading, and after an lr is given back, options are what the last step used", () => {
  const options = { lr: (k: number) => 0.1 / (k + 1), momentum: (k: number) => 0.5 + 0.01 * k };
  const optimizer = scheduleFreeSgd(start(), options);
  run(optimizer, 0, 5);
  const other = scheduleFreeSgd(start(), options);
  other.load(optimizer.save());
  expect([other.lr, other.hyper("momentum")]).toEqual([optimizer.lr, optimizer.hyper("momentum")]);
  other.lr = 7;
  other.lr = undefined;
  expect(other.lr).toBe(0.02);
  for (const x of [optimizer, other]) x.eval();
  expect([...other.params.w]).toEqual([...optimizer.params.w]);
});
