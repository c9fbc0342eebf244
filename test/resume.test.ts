/** What is saved at any time goes on as if there had been no break, whatever was done before, in whatever form it travels. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  adam,
  constant,
  cosineDecay,
  dog,
  ema,
  greedy,
  type Lbfgs,
  lbfgs,
  lookahead,
  map,
  nadam,
  type Optimizer,
  piecewiseConstant,
  plateau,
  registerFunction,
  type ScheduleFunction,
  sgd,
  swa,
} from "../src/index.ts";
import { filler, options, streams } from "./arbitraries.ts";
import { all } from "./makers.ts";
import { differences } from "./rig.ts";

type Any = Optimizer<{ readonly w: Float64Array; readonly bias: Float64Array }>;
type Make = (params: object, options: object) => Any;

/** Ways in which what was saved may have gone. */
const ways: Readonly<Record<string, <T extends object>(saved: T) => T>> = {
  "as it is": (saved) => saved,
  structuredClone: (saved) => structuredClone(saved),
  JSON: (saved) => JSON.parse(JSON.stringify(saved)),
  "JSON, spread": (saved) => {
    const { epoch, ...rest } = JSON.parse(JSON.stringify({ ...saved, epoch: 3 }));
    return rest;
  },
  "JSON, inside": (saved) => JSON.parse(JSON.stringify({ all: [{ saved }] })).all[0].saved,
};

const named = registerFunction("resume.test", (x) => x / 2);
const lrs: readonly (number | ScheduleFunction | undefined)[] = [
  0,
  -0,
  0.5,
  1e-3,
  undefined,
  cosineDecay({ init: 0.1, steps: 9 }),
  piecewiseConstant({ boundaries: [2], values: [-0, 0.1] }),
  map(constant({ value: 0.25 }), named),
  (k) => 0.1 / (k + 1),
];

const acts = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant("step" as const), stream: streams }) },
  fc.record({ act: fc.constant("lr" as const), lr: fc.constantFrom(...lrs) }),
  fc.record({ act: fc.constantFrom("eval" as const, "train" as const, "break" as const) }),
);
type Act = typeof acts extends fc.Arbitrary<infer T> ? T : never;

/** Returns what it threw: steps with the weights to evaluate with, rates that this optimizer does not take. */
function perform(optimizer: Any, act: Act): string {
  try {
    if (act.act === "step") {
      const fill = filler(act.stream);
      for (const grad of [optimizer.grads.w, optimizer.grads.bias]) fill(grad);
      optimizer.step();
    } else if (act.act === "lr") optimizer.lr = act.lr as number;
    else if (act.act !== "break") optimizer[act.act]();
    return "";
  } catch (error) {
    return String(error);
  }
}

/** As numbers, for a NaN has no bits of its own. */
function expectSame(a: Any, b: Any): void {
  const [x, y] = [a.save(), b.save()];
  expect([x.stepCount, x.skipped, x.evaluating]).toEqual([y.stepCount, y.skipped, y.evaluating]);
  for (const [name, { param, state, carry, step, firstLr }] of Object.entries(x.tensors)) {
    const other = y.tensors[name];
    expect(differences(param, other.param)).toBe(0);
    expect({ carry, step, firstLr }).toEqual({ carry: other.carry, step: other.step, firstLr: other.firstLr });
    for (const [slot, values] of Object.entries(state)) expect(differences(values, other.state[slot])).toBe(0);
  }
}

describe.each(all)("$spec.name", (factory) => {
  test("goes on to the bit, whatever was done to it", () => {
    const make = factory as unknown as Make;
    const group = options(factory.spec).map(({ trainable }) => ({ match: "bias", trainable }));
    const setting = fc.record({
      own: options(factory.spec),
      groups: fc.option(fc.tuple(group), { nil: undefined }),
      dtype: fc.constantFrom("f32", "f64"),
      onNonFinite: fc.constantFrom("skip", "ignore"),
      clipNorm: fc.constantFrom(undefined, 1, (k: number) => 1 + (k % 2)),
    });
    const travels = fc.constantFrom(...Object.values(ways));
    fc.assert(
      fc.property(setting, fc.array(acts, { maxLength: 16 }), travels, ({ own, ...more }, list, travel) => {
        const given = { ...own, ...more };
        const Floats = more.dtype === "f32" ? Float32Array : Float64Array;
        const fresh = (backend: string) =>
          make({ w: Floats.of(1, -2, 3, 0.5, -0.25), bias: Floats.of(0.1, 0.2, 0.3) }, { ...given, backend });
        const whole = fresh("wasm");
        let broken = fresh("plain");
        let lr: number | ScheduleFunction | undefined;
        for (const [i, act] of list.entries()) {
          const thrown = perform(whole, act);
          expect(perform(broken, act)).toBe(thrown);
          if (act.act === "lr" && thrown === "") lr = act.lr;
          if (act.act !== "break") continue;
          const saved = travel(broken.save());
          broken.dispose();
          broken = fresh(i % 2 === 0 ? "plain" : "wasm");
          // What no data holds has to be set again, and what was set on another object is none of this one's.
          // A function that has no value at the first step cannot be: such a run is not gone on with here.
          fc.pre(perform(broken, { act: "lr", lr: typeof lr === "function" ? lr : 7 }) === "");
          perform(broken, { act: "step", stream: { seed: i, oneIn: 0 } });
          broken.load(saved);
        }
        expectSame(broken, whole);
        for (const optimizer of [broken, whole]) optimizer.dispose();
      }),
      { numRuns: 25 },
    );
  });
});

describe.each(Object.entries(ways))("%s", (_, travel) => {
  const special = [NaN, Infinity, -Infinity, -0, 0, 5e-324, 1 / 3];

  test.each(["f32", "f64"] as const)("holds every number, in %s", (dtype) => {
    const options = { dtype, momentum: 0.9 };
    const optimizer = sgd({ w: [special.length], none: [0] }, options);
    optimizer.params.w.set(special);
    optimizer.state("w").momentum_buffer.set(special);
    const other = sgd({ w: [special.length], none: [0] }, options);
    other.load(travel(optimizer.save()));
    expect(differences(other.params.w, optimizer.params.w)).toBe(0);
    expect(differences(other.state("w").momentum_buffer, optimizer.params.w)).toBe(0);
    expect(other.save()).toEqual(optimizer.save());
  });

  test("holds carried numbers that JSON lacks", () => {
    const make = () => dog([[1]], { onNonFinite: "ignore" });
    const optimizer = make();
    for (let i = 0; i < 3; i++) optimizer.step([[Infinity]]);
    expect(optimizer.carried("0")).toEqual({ rbar: NaN, G: Infinity });
    const other = make();
    other.load(travel(optimizer.save()));
    expect(other.carried("0")).toEqual(optimizer.carried("0"));
  });

  test.each(["none", "strongWolfe"] as const)("lbfgs, line search %s, with an lr that was set", (lineSearchFn) => {
    const make = () => lbfgs({ x: Float64Array.of(3, 4), y: [2] }, { historySize: 3, maxIter: 3, lineSearchFn });
    const step = (optimizer: ReturnType<typeof make>) =>
      optimizer.step(() => {
        const { x, y } = optimizer.params;
        const list = [...x, ...y];
        optimizer.grads.x.set([2 * x[0], 8 * x[1] + y[0]]);
        optimizer.grads.y.set([y[0] ** 3 + x[1], 0.1 * y[1]]);
        return list.reduce((sum, value) => sum + value * value, 0);
      });
    const optimizer = make();
    step(optimizer);
    optimizer.lr = 0.125;
    step(optimizer);
    const other = make();
    other.lr = 3;
    other.load(travel(optimizer.save()));
    expect(other.lr).toBe(0.125);
    for (const each of [optimizer, other]) step(each);
    expect(other.save()).toEqual(optimizer.save());
  });

  test("lbfgs holds numbers that JSON lacks", () => {
    const make = (): Lbfgs<{ x: number[] }, "f32"> => lbfgs({ x: [1] }, { onNonFinite: "ignore" });
    const optimizer = make();
    optimizer.step(() => {
      optimizer.grads.x[0] = NaN;
      return NaN;
    });
    const saved = optimizer.save();
    const other = make();
    other.load(travel(saved));
    expect(other.save()).toEqual(saved);
  });

  test.each([ema, swa, lookahead])("what goes around an optimizer: %o", (wrap) => {
    const optimizer = adam({ w: Float32Array.from(special) });
    const wrapper = wrap(optimizer);
    wrapper.update();
    const other = wrap(adam({ w: [special.length] }));
    other.load(travel(wrapper.save()));
    expect(other.save()).toEqual(wrapper.save());
  });

  test.each([plateau, greedy])("a schedule that is steered: %o", (make) => {
    const schedule = make({ patience: 1 });
    for (const metric of [1, NaN, Infinity, -0, 2, 3, 4]) schedule.update(metric);
    const other = make({ patience: 1 });
    other.load(travel(schedule.save()));
    for (const each of [schedule, other]) for (const metric of [3, 3, 3]) each.update(metric);
    expect(other.save()).toEqual(schedule.save());
    expect(other.scale).toBe(schedule.scale);
  });
});

test("all of a run is one text", () => {
  const optimizer = nadam([[2]]);
  const average = ema(optimizer);
  optimizer.step([[1, 2]]);
  average.update();
  const { opt, avg } = JSON.parse(JSON.stringify({ opt: optimizer.save(), avg: average.save() }));
  const other = nadam([[2]]);
  const around = ema(other);
  around.load(avg);
  other.load(opt);
  for (const [each, wrapper] of [
    [optimizer, average],
    [other, around],
  ] as const) {
    each.step([[3, 4]]);
    wrapper.update();
  }
  expect([other.save(), around.save()]).toEqual([optimizer.save(), average.save()]);
});

test("typed arrays of a save are themselves, and JSON of a copy says what is wrong with it", () => {
  const optimizer = adam({ w: [2] });
  const saved = optimizer.save();
  expect(saved.tensors.w.param.constructor).toBe(Float32Array);
  expect(Object.keys(saved.tensors.w.param)).toEqual(["0", "1"]);
  const lost = JSON.parse(JSON.stringify(structuredClone(saved)));
  expect(() => optimizer.load(lost)).toThrow(
    "adam: the saved w must be a Float32Array, got an object of numbers: only what save() itself gave can become JSON",
  );
});
