import { describe, expect, test } from "vitest";
import { Arena, type Lbfgs, lbfgs } from "../src/index.ts";
import { type Expectation, flag, loose, refusals } from "./refusals.ts";

const make = loose(lbfgs);
const whole: Expectation = {
  range: "a whole number > 0",
  bad: [0, -1, 1.5, NaN],
  type: "a number",
  wrong: ["1", null, () => 1],
};
const tolerance: Expectation = {
  range: "a finite number ≥ 0",
  bad: [-1, NaN, Infinity],
  type: "a number",
  wrong: ["1", () => 1],
};

const expectations: Readonly<Record<string, Expectation>> = {
  lr: { range: "a finite number ≥ 0", bad: [-1, NaN, Infinity] },
  maxIter: whole,
  maxEval: whole,
  toleranceGrad: tolerance,
  toleranceChange: tolerance,
  historySize: { ...whole, range: "a whole number in [1, 10000]", bad: [...whole.bad, 10_001] },
  lineSearchFn: {
    range: 'one of "none", "strongWolfe"',
    bad: ["strong_wolfe"],
    type: 'one of "none", "strongWolfe"',
    wrong: [null, true],
  },
  maximize: flag,
  onNonFinite: {
    range: 'one of "skip", "throw", "ignore"',
    bad: ["warn"],
    type: 'one of "skip", "throw", "ignore"',
    wrong: [null, 1],
  },
  inPlace: flag,
};

test.each(Object.keys(expectations))("refuses a bad %s, and says why", (key) => {
  for (const { value, error } of refusals("lbfgs", key, expectations[key]))
    expect(() => make({ x: [2] }, { [key]: value })).toThrow(error);
});

const x = { x: [2] };
const refused: readonly [string, () => unknown, Error][] = [
  [
    "an option that does not exist",
    () => make(x, { weightDecay: 1 }),
    new TypeError(
      `lbfgs: unknown option weightDecay, expected one of ${Object.keys(expectations).join(", ")}, dtype, backend, arena`,
    ),
  ],
  ["no parameters", () => make({}), new RangeError("lbfgs: there must be at least one parameter, got none")],
  [
    "a schedule that begins out of range",
    () => make(x, { lr: () => -1 }),
    new RangeError("lbfgs: lr must be a finite number ≥ 0, got -1 at step 0"),
  ],
  [
    "a bad lr between steps",
    () => Object.assign(lbfgs(x), { lr: NaN }),
    new RangeError("lbfgs: lr must be a finite number ≥ 0, got NaN"),
  ],
  [
    "inPlace for a shape",
    () => make(x, { inPlace: true }),
    new TypeError("lbfgs: inPlace needs typed arrays, got a shape for parameter x"),
  ],
  [
    "an arena and a backend",
    () => make(x, { arena: new Arena({ bytes: 999, backend: "plain" }), backend: "wasm" }),
    new TypeError('lbfgs: backend cannot be given together with arena, which runs on "plain"'),
  ],
  [
    "a full arena",
    () => make({ x: [100] }, { arena: new Arena({ bytes: 1024 }), historySize: 1 }),
    new RangeError("lbfgs: the arena has no room for 4224 bytes: 1024 of 1024 are left in one piece"),
  ],
  [
    "more than an arena can hold",
    () => make({ x: [1e7] }),
    new RangeError("lbfgs: parameters and state take 8240013312 bytes, and an arena has at most 4294901760"),
  ],
  [
    "a step without a closure",
    () => loose(stepOf(lbfgs(x)))(),
    new TypeError("lbfgs: step() needs a closure, got undefined"),
  ],
  [
    "a closure that returns nothing",
    () => loose(stepOf(lbfgs(x)))(() => undefined),
    new TypeError("lbfgs: the closure must return the loss, a number, or a promise of it, got undefined"),
  ],
];

function stepOf(optimizer: Lbfgs<{ x: number[] }, "f32">): unknown {
  return optimizer.step.bind(optimizer);
}

test.each(refused)("refuses %s", (_, call, error) => {
  expect(call).toThrow(error);
});

test("refuses a promise of nothing", async () => {
  const step = loose(stepOf(lbfgs(x)))(async () => "1");
  await expect(step).rejects.toThrow('the closure must return the loss, a number, or a promise of it, got "1"');
});

test("a schedule that leaves its range throws before anything changes", () => {
  const optimizer = lbfgs({ x: Float64Array.of(3) }, { lr: (k) => 1 - 2 * k });
  const closure = () => {
    optimizer.grads.x[0] = 1;
    return 1;
  };
  optimizer.step(closure);
  const before = optimizer.save();
  expect(() => optimizer.step(closure)).toThrow(
    new RangeError("lbfgs: lr must be a finite number ≥ 0, got -1 at step 1"),
  );
  expect(optimizer.save()).toEqual(before);
});

describe("what is loaded", () => {
  const optimizer = lbfgs({ x: Float64Array.of(3, 4) }, { historySize: 2, maxIter: 6 });
  optimizer.step(() => {
    const [a, b] = optimizer.params.x;
    optimizer.grads.x.set([2 * a, 8 * b]);
    return a * a + 4 * b * b;
  });
  const saved = optimizer.save();
  const { state } = saved;
  const withState = (change: object) => ({ ...saved, state: { ...state, ...change } });
  const cases: readonly [unknown, string][] = [
    [null, "lbfgs: what is loaded must be what save() gave, got null"],
    [{ ...saved, optimizer: "adam" }, "lbfgs: what is loaded must be of lbfgs in f64, got adam in f64"],
    [{ ...saved, stepCount: 0.5 }, "lbfgs: the saved stepCount must be a whole number ≥ 0, got 0.5"],
    [{ ...saved, params: {} }, "lbfgs: the saved parameters must be x, got none"],
    [{ ...saved, params: { x: new Float64Array(3) } }, "lbfgs: the saved x must have 2 elements, got 3"],
    [{ ...saved, state: undefined }, "lbfgs: the saved state must be an object, got undefined"],
    [
      { ...saved, state: { d: 1 } },
      "lbfgs: the saved state must be H_diag, d, func_evals, n_iter, old_dirs, old_stps, prev_flat_grad, ro, t, x, got d",
    ],
    [withState({ n_iter: -1 }), "lbfgs: the saved n_iter must be a whole number ≥ 0, got -1"],
    [withState({ func_evals: "3" }), 'lbfgs: the saved func_evals must be a whole number ≥ 0, got "3"'],
    [withState({ t: null }), "lbfgs: the saved t must be a number, got null"],
    [withState({ H_diag: "1" }), 'lbfgs: the saved H_diag must be a number, got "1"'],
    [withState({ d: new Float32Array(2) }), "lbfgs: the saved d must be a Float64Array, got a Float32Array"],
    [withState({ prev_flat_grad: new Float64Array(1) }), "lbfgs: the saved prev_flat_grad must have 2 elements, got 1"],
    [withState({ x: 1 }), "lbfgs: the saved x must be a Float64Array, got 1"],
    [withState({ x: new Float64Array(3) }), "lbfgs: the saved x must have 2 elements, got 3"],
    [withState({ old_dirs: 3 }), "lbfgs: the saved old_dirs must be an array, got 3"],
    [withState({ old_stps: [] }), "lbfgs: the saved old_stps must have 2 elements as ro, got 0"],
    [withState({ old_dirs: [state.d, state.d.slice(1)] }), "lbfgs: the saved old_dirs must have 2 elements, got 1"],
    [withState({ ro: [1, "2"] }), 'lbfgs: the saved ro must be a number, got "2"'],
    [withState({ ro: [1, 2, 3] }), "lbfgs: the saved ro must have at most historySize = 2 elements, got 3"],
  ];

  test("the case has a full history", () => {
    expect(state.ro.length).toBe(2);
  });

  test.each(cases.map(([bad, message]) => ({ bad, message })))("$message", ({ bad, message }) => {
    const before = optimizer.save();
    expect(() => optimizer.load(bad as never)).toThrow(message);
    expect(optimizer.save()).toEqual(before);
  });
});
