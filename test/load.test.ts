/** What load takes, what it refuses, and what it does where an object is not quite the one that was saved. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Arena,
  adam,
  adamw,
  asgd,
  dog,
  ema,
  lbfgs,
  lookahead,
  nadam,
  plateau,
  prodigy,
  rmsprop,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
  swa,
} from "../src/index.ts";
import { oneCycleLR } from "../src/presets/torch/schedules.ts";
import { cosineDecay } from "../src/schedules/index.ts";
import { all } from "./makers.ts";

const start = () => ({ body: Float32Array.from([1, -2, 3]), head: Float32Array.from([0.5, 0.25]) });
type Makes = (params: object, options?: object) => ReturnType<typeof adam<ReturnType<typeof start>>>;

/** A gradient that the number of the step decides. */
const gradient = (length: number, t: number) => Array.from({ length }, (_, i) => ((i * 7 + t * 3) % 11) / 11 - 0.4);

function run(optimizer: { step(grads: { body: number[]; head: number[] }): void }, from: number, to: number): void {
  for (let t = from; t < to; t++) optimizer.step({ body: gradient(3, t), head: gradient(2, t + 5) });
}

const text = (object: { save(): object }) => JSON.stringify(object.save());

describe("fields", () => {
  const objects = {
    adam: adam(start()),
    nadam: nadam(start()),
    prodigy: prodigy(start()),
    adamw: adamw(start(), { decay: "schedule" }),
    scheduleFreeSgd: scheduleFreeSgd(start()),
    lbfgs: lbfgs({ w: Float64Array.of(3, 4) }, { historySize: 2, maxIter: 6 }),
    ema: ema(adam(start())),
    swa: swa(adam(start())),
    lookahead: lookahead(adam(start())),
    plateau: plateau(),
  };
  for (const key of ["adam", "nadam", "prodigy", "adamw", "scheduleFreeSgd"] as const) run(objects[key], 0, 3);
  objects.lbfgs.step(() => {
    const [a, b] = objects.lbfgs.params.w;
    objects.lbfgs.grads.w.set([2 * a, 8 * b]);
    return a * a + 4 * b * b;
  });

  type Path = readonly string[];
  const paths = (data: unknown, path: Path = []): Path[] =>
    typeof data !== "object" || data === null || ArrayBuffer.isView(data)
      ? [path]
      : [path, ...Object.entries(data).flatMap(([key, item]) => paths(item, [...path, key]))];
  const replaced = (data: unknown, [key, ...rest]: Path, by: unknown): unknown => {
    if (key === undefined) return by;
    const copy: Record<string, unknown> = Array.isArray(data) ? ([...data] as never) : { ...(data as object) };
    if (rest.length === 0 && by === undefined) delete copy[key];
    else copy[key] = replaced(copy[key], rest, by);
    return copy;
  };
  // None of these is a part of any save.
  const bad = [undefined, "1", true, Symbol("x"), 1n, [true], { x: 1 }, () => 1, { number: "1" }, { base64: "AAAA" }];

  test.each(Object.entries(objects))(
    "%s refuses what is none of its own, everywhere, and has not changed",
    (name, object) => {
      const before = text(object);
      const saved: unknown = object.save();
      for (const path of paths(saved))
        for (const by of bad) {
          // `evaluating: true` is a value of its own.
          if (path.at(-1) === "evaluating" && by === true) continue;
          const odd = replaced(saved, path, by);
          expect(() => object.load(odd as never), `${path.join(".")}: ${String(by)}`).toThrow(
            new RegExp(`^${name}: (the saved|what is loaded)`),
          );
          expect(text(object)).toBe(before);
        }
      object.load(saved as never);
      expect(text(object)).toBe(before);
    },
  );

  test.each(["stepCount", "skipped"] as const)("%s is a count", (key) => {
    const { adam } = objects;
    const saved = adam.save();
    for (const count of [-1, 0.5, NaN, Infinity, 2 ** 53 + 2, 1e300, null])
      expect(() => adam.load({ ...saved, [key]: count } as never)).toThrow(RangeError);
  });

  test.each(all)("$spec.name: the count that it stops at is one that is saved and loaded", (factory) => {
    const make = factory as unknown as Makes;
    const optimizer = make(start());
    const { tensors, ...rest } = optimizer.save();
    const steps = 2 ** 53 - 1;
    const aged = Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [key, { ...tensor, step: steps }]));
    optimizer.load({ ...rest, stepCount: steps, skipped: steps, tensors: aged as never });
    run(optimizer, 0, 2);
    expect(optimizer.stepCount).toBe(2 ** 53);
    const other = make(start());
    other.load(JSON.parse(text(optimizer)));
    expect(text(other)).toBe(text(optimizer));
  });

  test("base64 of another length, or of none", () => {
    const { adam } = objects;
    const json = JSON.parse(text(adam));
    const cases = ["AAAAAAAAAAA=", "AAAA", "AA", "*AAA"];
    for (const base64 of cases) {
      json.tensors.body.param = { dtype: "f32", base64 };
      expect(() => adam.load(json)).toThrow(
        /^adam: the saved body must (have 3 elements|be the base64 of a Float32Array)/,
      );
    }
  });

  test("lbfgs: parameters in another order are not those of its vectors", () => {
    const one = lbfgs({ a: [1], b: [1] });
    const other = lbfgs({ b: [1], a: [1] });
    expect(() => other.load(one.save())).toThrow(
      new TypeError("lbfgs: the saved parameters must be in the order b, a, got a, b"),
    );
  });
});

describe("the weights to evaluate with", () => {
  test("evaluating is for what has such", () => {
    const optimizer = adam(start());
    const error = new RangeError(
      "adam: the saved evaluating must be false, for there are no other weights to evaluate with",
    );
    expect(() => optimizer.load({ ...optimizer.save(), evaluating: true })).toThrow(error);
    run(optimizer, 0, 1);
    const free = scheduleFreeSgd(start());
    expect(() => free.load({ ...free.save(), evaluating: true })).toThrow("scheduleFreeSgd: the saved evaluating");
    run(free, 0, 1);
  });

  test("evaluating must be said", () => {
    const optimizer = scheduleFreeSgd(start());
    run(optimizer, 0, 2);
    optimizer.eval();
    const { evaluating, ...saved } = optimizer.save();
    expect(() => scheduleFreeSgd(start()).load(saved as never)).toThrow(
      new TypeError("scheduleFreeSgd: the saved evaluating must be true or false, got undefined"),
    );
  });

  test.each([scheduleFreeSgd, scheduleFreeAdamw])(
    "go by the last update, whatever was left out since: $spec.name",
    (make) => {
      const schedule = { momentum: (k: number) => 0.5 + k / 20, beta1: (k: number) => 0.5 + k / 20 };
      const key = "momentum" in make.spec.options ? "momentum" : "beta1";
      const fresh = () => (make as unknown as Makes)(start(), { [key]: schedule[key] });
      const optimizer = fresh();
      run(optimizer, 0, 4);
      optimizer.step({ body: [NaN, 0, 0], head: [0, 0] });
      const other = fresh();
      other.load(optimizer.save());
      for (const each of [optimizer, other]) each.eval();
      expect(text(other)).toBe(text(optimizer));
    },
  );
});

describe("a schedule with fewer steps than were made", () => {
  const long = { lr: oneCycleLR({ maxLr: 0.1, totalSteps: 30 }) };
  const short = { lr: oneCycleLR({ maxLr: 0.1, totalSteps: 10 }) };

  test.each([sgd, scheduleFreeSgd])(
    "loads, evaluates and reads; the next step says how to go on: $spec.name",
    (factory) => {
      const make = factory as unknown as Makes;
      const optimizer = make(start(), long);
      run(optimizer, 0, 20);
      const other = make(start(), short);
      other.load(optimizer.save());
      expect([other.stepCount, other.lr, other.hyper("lr")]).toEqual([20, NaN, NaN]);
      other.eval();
      optimizer.eval();
      expect([...other.params.body]).toEqual([...optimizer.params.body]);
      other.train();
      optimizer.train();
      const before = text(other);
      expect(() => run(other, 20, 21)).toThrow(
        /: lr has no value at step 20: .*; to go on, set lr to a number or a schedule/,
      );
      expect(text(other)).toBe(before);
      for (const each of [other, optimizer]) {
        each.lr = 0.01;
        run(each, 20, 22);
      }
      expect(text(other)).toBe(text(optimizer));
    },
  );

  test("lbfgs", () => {
    const closure = (optimizer: ReturnType<typeof make>) => () => {
      const [x] = optimizer.params.w;
      optimizer.grads.w[0] = 2 * x;
      return x * x;
    };
    const make = (lr: (k: number) => number) => lbfgs({ w: Float64Array.of(3) }, { lr, maxIter: 1 });
    const optimizer = make(long.lr);
    for (let i = 0; i < 12; i++) optimizer.step(closure(optimizer));
    const other = make(short.lr);
    other.load(optimizer.save());
    expect(other.lr).toBe(NaN);
    expect(() => other.step(closure(other))).toThrow(/^lbfgs: lr has no value at step 12: .*set lr/);
  });

  test("weights are not turned by what has no value", () => {
    const momentum = cosineDecay({ init: 0.9, end: 0.5, steps: 3, after: "throw" });
    const optimizer = scheduleFreeSgd(start());
    run(optimizer, 0, 9);
    const other = scheduleFreeSgd(start(), { momentum });
    other.load(optimizer.save());
    const before = text(other);
    expect(() => other.eval()).toThrow(
      new RangeError("scheduleFreeSgd: eval() goes by the last step's options, and a schedule has no value at step 8"),
    );
    expect(text(other)).toBe(before);
  });
});

describe("lr", () => {
  test("a function that was set is asked for, and then kept", () => {
    const optimizer = adam(start());
    optimizer.lr = function mine(k) {
      return 0.1 / (k + 1);
    };
    const saved = JSON.parse(text(optimizer));
    const other = adam(start());
    other.lr = 0.5;
    const before = text(other);
    expect(() => other.load(saved)).toThrow(
      new Error("adam: lr was set to the function mine, which cannot be saved: set lr to it, then load"),
    );
    expect(text(other)).toBe(before);
    other.lr = () => 0.25;
    other.load(saved);
    expect(other.lr).toBe(0.25);
  });

  test("one out of range is refused", () => {
    const optimizer = adam(start());
    const saved = optimizer.save();
    for (const lr of [-1, NaN, { number: "Infinity" }])
      expect(() => optimizer.load({ ...saved, lr } as never)).toThrow(
        /^adam: the saved lr must be a finite number ≥ 0/,
      );
    for (const lr of [{ schedule: "none" }, { schedule: "constant", value: "1" }])
      expect(() => optimizer.load({ ...saved, lr } as never)).toThrow(TypeError);
    let deep: object = { schedule: "constant", value: 1 };
    for (let i = 0; i < 20_000; i++) deep = { schedule: "product", schedules: [deep] };
    expect(() => optimizer.load({ ...saved, lr: deep } as never)).toThrow(/scheduleFromJSON/);
    let wide: object = { schedule: "constant", value: 1 };
    for (let i = 0; i < 60; i++) wide = { schedule: "product", schedules: [wide, wide] };
    expect(() => optimizer.load({ ...saved, lr: wide } as never)).toThrow(/scheduleFromJSON/);
    expect(optimizer.save()).toEqual(saved);
  });

  test("what weight decay is relative to is the run's first", () => {
    const make = (scale: number) => adamw(start(), { lr: () => scale, decay: "schedule", weightDecay: 0.1 });
    const optimizer = make(0.1);
    const other = make(0.2);
    other.load(optimizer.save());
    optimizer.lr = other.lr = 0.05;
    run(other, 0, 2);
    run(optimizer, 0, 2);
    expect([...other.params.body]).toEqual([...optimizer.params.body]);
  });
});

test("parts of a save are objects, and what weight decay is relative to is that of the group", () => {
  const optimizer = adamw(start(), { decay: "schedule", weightDecay: 0.1 });
  const saved = optimizer.save();
  const { body } = saved.tensors;
  const load = (part: object) => () =>
    optimizer.load({ ...saved, tensors: { ...saved.tensors, body: { ...body, ...part } } });
  expect(load({ carry: [] })).toThrow(new TypeError("adamw: the saved carry of body must be an object, got []"));
  expect(load({ firstLr: 3 })).toThrow(
    /^adamw: the saved firstLr of \w+ must be that of its group, [\d.]+, got [\d.]+$/,
  );
  expect(optimizer.save()).toEqual(saved);
});

const freezing = all.map((factory) => ({ name: factory.spec.name, make: factory as unknown as Makes }));
const frozen = { groups: [{ match: "body", trainable: false }] };

describe.each(freezing)("freezing: $name", ({ name, make }) => {
  const surveys = ["prodigy", "dadaptAdam", "dog", "dowg", "sgdHd", "adamHd"].includes(name);

  test("what was frozen begins at its start, with its own count", () => {
    const first = make(start(), frozen);
    run(first, 0, 3);
    const second = make(start());
    expect(second.load(first.save())).toEqual({ missing: [], unexpected: [], mismatched: [] });
    run(second, 3, 6);
    const { body, head } = second.save().tensors;
    expect([second.stepCount, body.step, head.step]).toEqual([6, 3, 6]);
    if (surveys) return;
    // The head as if nothing had ever been frozen, and the body as one that was made now.
    const whole = make(start());
    run(whole, 0, 6);
    expect([...second.params.head]).toEqual([...whole.params.head]);
    const late = make(start());
    for (let t = 3; t < 6; t++) late.step({ body: gradient(3, t), head: gradient(2, t + 5) });
    expect([...second.params.body]).toEqual([...late.params.body]);
  });

  test.each(["wasm", "plain"])("goes on to the bit from a save of what began at different times, on %s", (backend) => {
    const options = { backend, clipNorm: 0.5 };
    const first = make(start(), { ...frozen, clipNorm: 0.5 });
    run(first, 0, 3);
    const second = make(start(), options);
    second.load(first.save());
    run(second, 3, 5);
    const third = make(start(), { ...options, backend: "plain" });
    run(third, 0, 2);
    third.load(JSON.parse(text(second)));
    for (const each of [second, third]) run(each, 5, 8);
    expect(text(third)).toBe(text(second));
    // And to one group again.
    const fresh = make(start(), options);
    run(fresh, 0, 2);
    third.load(fresh.save());
    for (const each of [fresh, third]) run(each, 2, 4);
    expect(text(third)).toBe(text(fresh));
  });

  test("the state of what is frozen for a while is not lost", () => {
    const first = make(start());
    run(first, 0, 3);
    const second = make(start(), frozen);
    second.load(JSON.parse(text(first)));
    const kept = second.save().tensors.body;
    expect(JSON.stringify(kept)).toBe(JSON.stringify(first.save().tensors.body));
    for (let t = 3; t < 5; t++) second.step({ body: undefined, head: gradient(2, t + 5) });
    expect([...second.params.body]).toEqual([...first.params.body]);
    const third = make(start());
    third.load(second.save());
    expect([third.save().tensors.body.step, third.save().tensors.head.step]).toEqual([3, 5]);
    for (const [slot, x] of Object.entries(first.state("body")))
      expect([...third.state("body")[slot as never]]).toEqual([...(x as Float32Array)]);
    run(third, 5, 7);
    expect(third.save().tensors.body.step).toBe(5);
  });
});

test("a frozen parameter needs no gradient; one that is given is checked", () => {
  const optimizer = adam(start(), frozen);
  optimizer.step({ head: [1, 2] } as never);
  optimizer.step({ head: [1, 2], body: [1, 2, 3] });
  expect([...optimizer.params.body]).toEqual([...start().body]);
  expect(() => optimizer.step({ head: [1, 2], body: [1] })).toThrow("the gradient of body must have 3 elements, got 1");
  expect(() => optimizer.step({ body: [1, 2, 3] } as never)).toThrow(
    "adam: the gradient of head must be an array of numbers, got undefined",
  );
});

test("weights to evaluate with are not taken where they cannot be turned back", () => {
  const optimizer = scheduleFreeSgd(start());
  run(optimizer, 0, 2);
  optimizer.eval();
  const other = scheduleFreeSgd(start(), frozen);
  const before = text(other);
  expect(() => other.load(optimizer.save())).toThrow(
    "scheduleFreeSgd: body is frozen, and was saved as it is to evaluate with: call train() before save()",
  );
  expect(text(other)).toBe(before);
});

test("many of one group that began at different times take no more of an arena, and each its own correction", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { minLength: 2, maxLength: 9 }), (counts) => {
      const names = counts.map((_, i) => `p${i}`);
      const params = Object.fromEntries(names.map((name) => [name, Float64Array.of(1, 2)]));
      const arena = new Arena({ bytes: 1 << 14 });
      const optimizer = adam(params, { arena });
      const { available } = arena;
      const { tensors, ...rest } = optimizer.save();
      const steps = Object.fromEntries(names.map((name, i) => [name, { ...tensors[name], step: counts[i] }]));
      optimizer.load({ ...rest, stepCount: 9, tensors: steps });
      optimizer.step(Object.fromEntries(names.map((name) => [name, [1, -1]])));
      expect(arena.available).toBe(available);
      // Of empty moments and a gradient of 1, Adam's step is lr · √(1 − beta2^t) · 0.1 / ((1 − beta1^t) · √0.001).
      for (const [i, name] of names.entries()) {
        const t = counts[i] + 1;
        const step = (0.001 * 0.1 * Math.sqrt(1 - 0.999 ** t)) / ((1 - 0.9 ** t) * Math.sqrt(0.001));
        // eps and roundings: 1e-8 of a root of at least 0.03.
        expect(Math.abs((1 - optimizer.params[name][0]) / step - 1)).toBeLessThan(1e-6);
      }
    }),
  );
});

describe("strict: false", () => {
  const report = { missing: ["head"], unexpected: ["top"], mismatched: ["body"] };
  const theirs = () => ({ stem: Float32Array.of(9, 9), body: Float32Array.of(1, 2), top: Float32Array.of(1) });
  const ours = () => ({ stem: Float32Array.of(0, 0), body: Float32Array.of(1, 2, 3), head: Float32Array.of(4) });

  test("takes what fits, and says what did not", () => {
    const saved = adam(theirs());
    saved.step({ stem: [1, 1], body: [1, 1], top: [1] });
    const optimizer = adam(ours());
    optimizer.step({ stem: [1, 1], body: [1, 1, 1], head: [1] });
    const { body, head } = structuredClone(optimizer.save().tensors);
    expect(() => optimizer.load(saved.save() as never)).toThrow("the saved parameters must be body, head, stem, got");
    expect(optimizer.load(saved.save(), { strict: false })).toEqual(report);
    const { tensors, stepCount } = optimizer.save();
    expect(stepCount).toBe(1);
    expect(tensors.stem).toEqual(saved.save().tensors.stem);
    expect([tensors.body.param, tensors.head.param]).toEqual([body.param, head.param]);
    expect([tensors.body.step, tensors.body.state.exp_avg, tensors.head.step]).toEqual([0, new Float32Array(3), 0]);
    optimizer.step({ stem: [1, 1], body: [1, 1, 1], head: [1] });
  });

  test("another state or dtype is a mismatch, what is no save is still refused", () => {
    const saved = sgd([[2]], { momentum: 0.9 });
    saved.step([[1, 1]]);
    expect(sgd([[2]]).load(saved.save(), { strict: false }).mismatched).toEqual(["0"]);
    expect(sgd([[2]], { momentum: 0.9, dtype: "f64" }).load(saved.save(), { strict: false }).mismatched).toEqual(["0"]);
    expect(() => adam([[2]]).load(saved.save(), { strict: false })).toThrow(TypeError);
    expect(() => sgd([[2]]).load({ ...saved.save(), tensors: { a: 1 } } as never, { strict: false })).toThrow(
      TypeError,
    );
    expect(() => sgd([[2]]).load(saved.save(), { strict: 1 } as never)).toThrow(
      new TypeError("sgd: load: strict must be true or false, got 1"),
    );
  });

  test.each([asgd, rmsprop, dog, prodigy])("nothing that fits leaves one that can step: $spec.name", (factory) => {
    const make = factory as unknown as (params: object) => ReturnType<typeof asgd>;
    const saved = make({ other: [1] });
    for (let i = 0; i < 3; i++) saved.step({ other: [1] } as never);
    const optimizer = make({ w: Float32Array.of(1) });
    optimizer.load(saved.save(), { strict: false });
    for (let i = 0; i < 3; i++) optimizer.step({ w: [1] } as never);
    expect(optimizer.stepCount).toBe(6);
    expect(optimizer.params["w" as never][0]).toBeLessThan(1);
  });

  test("lbfgs: the history is of all parameters or of none", () => {
    const make = (params: object) => lbfgs(params as { stem: Float32Array });
    const step = (optimizer: ReturnType<typeof make>) =>
      optimizer.step(() => {
        for (const [key, x] of Object.entries(optimizer.params))
          optimizer.grads[key as "stem"].set(x.map((y) => 2 * y));
        return Object.values(optimizer.params).reduce((sum, x) => x.reduce((s, y) => s + y * y, sum), 0);
      });
    const saved = make(theirs());
    step(saved);
    const optimizer = make(ours());
    step(optimizer);
    optimizer.params.stem.set([7, 7]);
    expect(optimizer.load(saved.save(), { strict: false })).toEqual(report);
    expect([...optimizer.params.stem]).toEqual([...saved.params.stem]);
    expect([optimizer.nIter, optimizer.save().state.ro]).toEqual([0, []]);
    step(optimizer);
  });

  test.each([ema, swa, lookahead])("what goes around: %o", (wrap) => {
    const saved = wrap(adam(theirs()));
    const optimizer = adam(ours());
    const wrapper = wrap(optimizer);
    optimizer.params.head[0] = 5;
    expect(wrapper.load(saved.save(), { strict: false })).toEqual(report);
    expect(wrapper.save().params).toEqual({ ...ours(), stem: Float32Array.of(9, 9), head: Float32Array.of(5) });
  });
});

describe.each([ema, swa, lookahead])("made before the optimizer was loaded: %o", (wrap) => {
  const message = ": the optimizer was loaded and this was not";

  test("notices", () => {
    const optimizer = adam(start());
    const wrapper = wrap(optimizer);
    wrapper.update();
    optimizer.load(optimizer.save());
    const before = text(wrapper);
    expect(() => wrapper.update()).toThrow(message);
    if ("swap" in wrapper) expect(() => wrapper.swap()).toThrow(message);
    expect(text(wrapper)).toBe(before);
    wrap(optimizer).update();
  });

  test.each(["before", "after"])("is loaded %s it, and notices the next", (order) => {
    const optimizer = adam(start());
    const wrapper = wrap(optimizer);
    const saved = { optimizer: optimizer.save(), wrapper: wrapper.save() };
    if (order === "before") wrapper.load(saved.wrapper);
    optimizer.load(saved.optimizer);
    if (order === "after") wrapper.load(saved.wrapper);
    wrapper.update();
    optimizer.load(saved.optimizer);
    expect(() => wrapper.update()).toThrow(message);
  });

  test("around lbfgs too", () => {
    const optimizer = lbfgs([[1]]);
    const wrapper = wrap(optimizer);
    optimizer.load(optimizer.save());
    expect(() => wrapper.update()).toThrow(message);
  });
});
