/** What may stand for options and parameters, and what messages say of it. */
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { show } from "../src/common/show.ts";
import {
  Arena,
  adam,
  adamw,
  clamp,
  constant,
  diagnose,
  ema,
  lbfgs,
  linear,
  lookahead,
  lrRangeTest,
  map,
  noisy,
  plateau,
  rmsprop,
  sam,
  sample,
  scheduleFromJSON,
  sgd,
  swa,
  warmup,
  warmupCosine,
} from "../src/index.ts";
import * as hf from "../src/presets/hf/schedules.ts";
import * as torch from "../src/presets/torch/schedules.ts";
import { loose } from "./refusals.ts";

const one = constant({ value: 1 });
const w = { w: [2] };
const foreign = (code: string) => runInNewContext(code) as never;

class Settings {
  lr = 1;
}

describe("options are a plain object", () => {
  const others: readonly (readonly [string, unknown])[] = [
    ["0.1", 0.1],
    ['"lr"', "lr"],
    ["1n", 1n],
    ["null", null],
    ["true", true],
    ["Symbol(s)", Symbol("s")],
    ["a function", () => 1],
    ["[]", []],
    ["a Map", new Map([["lr", 1]])],
    ["a Set", new Set()],
    ["a Date", new Date(0)],
    ["/w/", /w/],
    ["a Promise", Promise.resolve()],
    ["a Settings", new Settings()],
    ["a Float32Array", new Float32Array(2)],
    ["an Int32Array", new Int32Array(2)],
    ["an object of a class", Object.create({ lr: 1 })],
    ["a Map", foreign("new Map()")],
    ["[]", foreign("[]")],
  ];
  const takers: Readonly<Record<string, (options: never) => unknown>> = {
    adam: (options) => adam(w, options),
    lbfgs: (options) => lbfgs(w, options),
    ema: (options) => ema(sgd(w), options),
    swa: (options) => swa(sgd(w), options),
    lookahead: (options) => lookahead(sgd(w), options),
    sam: (options) => sam(sgd(w), options),
    diagnose: (options) => diagnose(sgd(w), options),
    lrRangeTest: (options) => lrRangeTest(sgd(w), () => 1, options),
    plateau: (options) => plateau(options),
    sample: (options) => sample(one, options),
    linear: (options) => linear(options),
    clamp: (options) => clamp(one, options),
    noisy: (options) => noisy(one, options),
    warmup: (options) => warmup(one, options),
    stepLR: (options) => torch.stepLR(1, options),
    sequentialLR: (options) => torch.sequentialLR([torch.constantLR(1)], options),
    getScheduler: (options) => hf.getScheduler("constant", 1, options),
    arena: (options) => new Arena(options),
  };

  test.each(Object.entries(takers))("of %s", (name, take) => {
    for (const [shown, options] of others)
      expect(() => take(options as never)).toThrow(new TypeError(`${name}: options must be an object, got ${shown}`));
  });

  test("of any realm, or with no prototype", () => {
    expect(adam(w, foreign("({ lr: 0.5 })")).lr).toBe(0.5);
    expect(adam(w, Object.assign(Object.create(null), { lr: 0.5 })).lr).toBe(0.5);
    expect(clamp(one, foreign("({ max: 0.5 })"))(0)).toBe(0.5);
  });

  test("of whose properties each is read once", () => {
    const reads: string[] = [];
    const given = { lr: 0.5, clipNorm: 1, groups: [{ match: "w", eps: 1e-3 }] };
    const watched = new Proxy(given, {
      get(target, key) {
        reads.push(String(key));
        return Reflect.get(target, key);
      },
    });
    expect(adam(w, watched).lr).toBe(0.5);
    expect(reads.sort()).toEqual(["clipNorm", "groups", "lr"]);
  });

  test("whose getter's error comes through, and nothing has changed", () => {
    const arena = new Arena({ bytes: 4096 });
    const error = new Error("mine");
    const options = {
      arena,
      get lr(): number {
        throw error;
      },
    };
    expect(() => adam(w, options)).toThrow(error);
    expect(() => adam(w, { arena, groups: [Object.assign(Object.create(null), { match: "w" }), options] })).toThrow();
    expect(arena.available).toBe(4096);
  });

  test("that has them itself: nothing on Object.prototype is one", () => {
    const prototype = Object.prototype as Record<string, unknown>;
    const values: Readonly<Record<string, unknown>> = {
      groups: [{ match: /w/, lr: 9 }],
      lr: 9,
      arena: 9,
      backend: "wasm",
      shapes: 9,
      decay: 0.1,
      count: 9,
      out: 9,
      every: 9,
      progress: 9,
      signal: 9,
      lrs: 9,
      numWarmupSteps: 9,
    };
    Object.assign(prototype, values);
    try {
      const optimizer = adam(w, { backend: "plain" });
      expect(optimizer.lr).toBe(1e-3);
      optimizer.lr = 0.25;
      optimizer.step({ w: [1, 1] });
      expect(optimizer.hyper("lr", "w")).toBe(0.25);
      expect(adam(w, { arena: new Arena({ bytes: 4096 }) }).dtype).toBe("f32");
      expect(ema(optimizer, {}).count).toBe(0);
      expect(ema(optimizer, { arena: new Arena({ bytes: 4096 }) }).count).toBe(0);
      expect(sample(one, { count: 2 })).toHaveLength(2);
      expect(lrRangeTest(optimizer, () => 1, { steps: 3 }).lrs).toHaveLength(3);
      expect(() => hf.getScheduler("constant_with_warmup", 1, {})).toThrow(
        "getScheduler: numWarmupSteps must be a number, got undefined",
      );
    } finally {
      for (const key of Object.keys(values)) delete prototype[key];
    }
  });
});

describe("parameters and groups", () => {
  const kinds = "must be a shape, a Float32Array or a Float64Array, got";
  test.each([
    ["a hole in a shape", { w: new Array(3) }, `adam: parameter w ${kinds} [empty, empty, empty]`],
    [
      "a shape of 2³² − 1 holes",
      { w: new Array(2 ** 32 - 1) },
      /^adam: parameter w must be a shape.* 4294967285 more\]$/,
    ],
    ["a Map as a shape", { w: new Map() }, `adam: parameter w ${kinds} a Map`],
    ["a Set of parameters", new Set([[2]]), /^adam: parameters must be a record or an array .*, got a Set$/],
    ["a Date", new Date(0), /^adam: parameters must be a record or an array .*, got a Date$/],
    ["an instance", new Settings(), /^adam: parameters must be a record or an array .*, got a Settings$/],
    // biome-ignore lint/suspicious/noSparseArray: the hole is the point
    ["a hole among parameters", [[2], , [3]], /^adam: parameters must be .*, got \[\[2\], empty, \[3\]\]$/],
    ["a symbol as a name", { [Symbol("s")]: [2] }, "adam: a parameter's name must be a string, got Symbol(s)"],
    ["numbers that are no sizes", { w: [0.5, -0.5] }, /got \[0\.5, -0\.5\]; initial values come as a Float32Array$/],
    ["−0 and a big integer", { w: [-0.5, 1n] }, `adam: parameter w ${kinds} [-0.5, 1n]`],
    [
      "2¹⁰⁶ elements",
      { w: [2 ** 53 - 1, 2 ** 53 - 1] },
      /^adam: parameter w must have fewer than 2 \*\* 53 elements, got \[/,
    ],
  ])("%s", (_, params, message) => {
    expect(() => loose(adam)(params)).toThrow(message);
  });

  test.each([
    ["a hole", new Array(1), "adam: groups must be an array without holes, got [empty]"],
    ["a Map", [new Map([["match", "w"]])], "adam: groups[0] must be an object with match, got a Map"],
    ["an instance", [new Settings()], "adam: groups[0] must be an object with match, got a Settings"],
    ["a Set", new Set(), "adam: groups must be an array, got a Set"],
  ])("%s among groups", (_, groups, message) => {
    expect(() => loose(adam)(w, { groups })).toThrow(new TypeError(message));
  });

  test("shapes that are a Map, or have a hole", () => {
    const params = { w: new Float32Array(2) };
    expect(() => loose(adam)(params, { shapes: new Map() })).toThrow(
      "adam: shapes must be a record or an array, got a Map",
    );
    expect(() => loose(adam)(params, { shapes: { w: new Array(2) } })).toThrow(
      "adam: shapes.w must be a shape, got [empty, empty]",
    );
  });

  test("of another realm are what they are", () => {
    const optimizer = adam(
      { w: foreign("new Float32Array([1, 2])"), b: foreign("[2]") },
      { groups: foreign("[{ match: /^b$/, lr: 0.5 }]") },
    );
    expect([...optimizer.params.w]).toEqual([1, 2]);
    expect(optimizer.dtype).toBe("f32");
    expect(optimizer.hyper("lr", "b")).toBe(0.5);
    expect(adam({ w: foreign("new Float64Array([1, 2])") }).dtype).toBe("f64");
    optimizer.step({ w: foreign("new Float32Array([1, 1])"), b: foreign("[1, 1]") });
    expect(optimizer.stepCount).toBe(1);
    const out: Float64Array = foreign("new Float64Array(2)");
    expect(sample(one, { out })).toBe(out);
    expect([...out]).toEqual([1, 1]);
    expect(scheduleFromJSON(foreign('({ schedule: "constant", value: 3 })'))(0)).toBe(3);
  });

  test("may have any name", () => {
    const names = ["__proto__", "constructor", "toString", "0", "", "a b", "x".repeat(1000)];
    const shapes = Object.fromEntries(names.map((name) => [name, [1]]));
    const optimizer = adam(shapes, { groups: [{ match: "__proto__", lr: 0.5 }] });
    expect(Object.keys(optimizer.params).sort()).toEqual([...names].sort());
    optimizer.step(Object.fromEntries(names.map((name) => [name, [1]])));
    expect(optimizer.hyper("lr", "__proto__")).toBe(0.5);
    const other = adam(shapes);
    other.load(optimizer.save());
    for (const name of names) expect(other.params[name]).toEqual(optimizer.params[name]);
    expect(() => optimizer.state("valueOf")).toThrow(new TypeError("adam: there is no parameter valueOf"));
  });

  test("that no group matches are listed, and a string is an exact name", () => {
    const params = { "dense.weight": [2], "dense.bias": [2] };
    expect(() => adamw(params, { groups: [{ match: "bias", weightDecay: 0 }] })).toThrow(
      new RangeError(
        'adamw: groups[0].match must match a parameter that no group before it has, got "bias"; the parameters are dense.weight, dense.bias; a string is a whole name, a RegExp a pattern, as /bias/',
      ),
    );
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`layer.${i}`, [1]]));
    expect(() => adamw(many, { groups: [{ match: /bias/ }] })).toThrow(/, layer\.49 and 9950 more$/);
  });
});

describe("what a message shows", () => {
  const deep = (wrap: (inner: unknown) => unknown) => Array.from({ length: 20_000 }).reduce(wrap, 1);
  const cyclic: unknown[] = [1];
  cyclic.push(cyclic);
  const revoked = (target: object) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  const explode = () => {
    throw new Error("mine");
  };
  const traps = new Proxy({}, { getPrototypeOf: explode, get: explode });

  // No test.each, which looks at what it is given.
  const shown: readonly (readonly [unknown, string])[] = [
    [-0, "-0"],
    [2n, "2n"],
    [-(10n ** 40n), "a BigInt"],
    [Symbol("x"), "Symbol(x)"],
    [undefined, "undefined"],
    [cyclic, "[1, [1, [1, […]]]]"],
    [[1, "a", null, [undefined]], '[1, "a", null, [undefined]]'],
    [new Int32Array(2), "an Int32Array"],
    [new Uint8Array(2), "a Uint8Array"],
    [foreign("new Float32Array(2)"), "a Float32Array"],
    [foreign("/x/g"), "/x/g"],
    [foreign("({})"), "an object"],
    [{ a: 1 }, "an object"],
    [adam(w), "an Optimizer"],
    [revoked({}), "a revoked proxy"],
    [revoked(() => 1), "a revoked proxy"],
    [[revoked([])], "[a revoked proxy]"],
    [traps, "an object"],
    [Object.create({ constructor: { name: "x y" } }), "an object of a class"],
  ];
  test("is what it is", () => {
    for (const [value, text] of shown) expect(show(value)).toBe(text);
  });

  test("is short, however long, deep or hostile the value is", () => {
    const values = [
      deep((inner) => [inner]),
      deep((inner) => ({ inner })),
      Array.from({ length: 1_000_000 }, (_, i) => i),
      "x".repeat(1e6),
      Symbol("x".repeat(1e6)),
      10n ** 1_000n,
      new RegExp("x".repeat(1e6)),
      Array.from({ length: 20 }, () =>
        Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => "x".repeat(200))),
      ),
      Object.defineProperty({}, Symbol.toStringTag, { get: explode }),
      Object.create({ constructor: { name: "x".repeat(1e6) } }),
      Object.defineProperty([1], 0, { get: explode }),
    ];
    for (const value of values) expect(show(value).length).toBeLessThan(520);
    for (const value of values.slice(0, -1))
      expect(() => loose(adam)(w, { lr: value })).toThrow(/^adam: lr must be a number or a sch/);
  });
});

describe("wrappers and tools know an optimizer", () => {
  const wrap: Readonly<Record<string, (optimizer: never) => unknown>> = {
    ema: (optimizer) => ema(optimizer),
    swa: (optimizer) => swa(optimizer),
    lookahead: (optimizer) => lookahead(optimizer),
    sam: (optimizer) => sam(optimizer),
    diagnose: (optimizer) => diagnose(optimizer),
    lrRangeTest: (optimizer) => lrRangeTest(optimizer, () => 1),
  };
  test.each(Object.entries(wrap))("%s", (name, make) => {
    const optimizer = adam(w);
    const { weights, dtype, backend } = optimizer;
    const proxy = new Proxy(optimizer, {});
    for (const other of [{}, null, undefined, 1, "adam", adam, new Map(), { weights, dtype, backend }, one, proxy])
      expect(() => make(other as never)).toThrow(new RegExp(`^${name}: optimizer must be one .*, got `));
    expect(() => make(proxy as never)).toThrow("an Optimizer behind a proxy, or of another copy of this library");
  });

  test.each(["sam", "diagnose", "lrRangeTest"])("%s takes no lbfgs", (name) => {
    expect(() => wrap[name](lbfgs(w) as never)).toThrow(
      new TypeError(`${name}: optimizer must be one that steps with a given gradient, got a Lbfgs`),
    );
  });

  test("a closure is a function", () => {
    expect(() => loose(sam(adam(w)).step)(3)).toThrow(new TypeError("sam: step() needs a closure, got 3"));
    expect(() => loose((x: never) => lbfgs(w).step(x))({})).toThrow(
      new TypeError("lbfgs: step() needs a closure, got an object"),
    );
  });

  test("what a closure gives may be anything", () => {
    const optimizer = adam(w);
    const error = new Error("mine");
    const trapped = new Proxy(
      {},
      {
        has() {
          throw error;
        },
      },
    );
    const step = loose(sam(optimizer).step);
    expect(() => step(() => trapped)).toThrow(error);
    expect(step(() => 2n)).toBe(2n);
  });
});

describe("sample", () => {
  test("says when there is no memory, and when out is gone", () => {
    const out = new Float64Array(2);
    structuredClone(out.buffer, { transfer: [out.buffer] });
    expect(() => sample(one, { out })).toThrow(
      new TypeError("sample: out must be a Float64Array, got a detached Float64Array"),
    );
    expect(() => sample(one, { count: 2 ** 32 })).toThrow(/^sample: count must be a whole number in \[0, 4294967295\]/);
  });

  test.each(["wasm", "plain"] as const)("says when out goes away while it is filled: %s", (backend) => {
    for (const count of [3, 20_000]) {
      const out = new Float64Array(count);
      const taking = map(one, (_, k) => (k === 1 ? structuredClone(out, { transfer: [out.buffer] }).length : 1));
      expect(() => sample(taking, { out, backend })).toThrow(
        new Error(
          `sample: out must keep its memory while it is filled with ${count} values, and has 0: a schedule detached or resized it`,
        ),
      );
    }
  });
});

test("a symbol is no option", () => {
  expect(() => loose(adam)(w, { [Symbol("lr")]: 1 })).toThrow(
    /^adam: unknown option Symbol\(lr\), expected one of lr, /,
  );
  expect(() => loose(sample)(one, { count: 1, [Symbol("s")]: 1 })).toThrow(/^sample: unknown option Symbol\(s\), /);
});

test.each([null, undefined, "yes", 1, ["w"]])("a predicate of a group does not answer %o", (answer) => {
  expect(() => loose(adam)(w, { groups: [{ match: () => answer }] })).toThrow(
    new TypeError(`adam: groups[0].match must return true or false, got ${show(answer)} for w`),
  );
});

describe("a list that is no list", () => {
  const lists: readonly (readonly [string, () => unknown])[] = [
    ["holes without end", () => new Array(2 ** 32 - 1)],
    ["a revoked proxy", revoked],
  ];

  test.each(lists)("%s, in what is loaded", (_, list) => {
    const steered = plateau({ base: 1 });
    expect(() => loose(steered.load)({ ...steered.save(), mean: list() })).toThrow(/^plateau: the saved mean must be /);
    expect(() => loose(steered.load)(revoked())).toThrow(
      new TypeError("plateau: what is loaded must be what save() gave, got a revoked proxy"),
    );
    const minimizer = lbfgs({ w: [1] }, { backend: "plain" });
    const saved = minimizer.save();
    expect(() => loose(minimizer.load.bind(minimizer))({ ...saved, state: { ...saved.state, ro: list() } })).toThrow(
      /^lbfgs: the saved ro must be /,
    );
  });

  test.each(lists)("%s, in a schedule's JSON", (_, list) => {
    expect(() => loose(scheduleFromJSON)({ ...one.toJSON(), value: list() })).toThrow(
      /^constant: value must be a number, got /,
    );
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

describe("an unknown option", () => {
  test.each<[(options: never) => unknown, string, string]>([
    [(o) => adam(w, o), "learningRate", "lr"],
    [(o) => adam(w, o), "learning_rate", "lr"],
    [(o) => adam(w, o), "LearningRate", "lr"],
    [(o) => adam(w, o), "betas", "beta1, beta2"],
    [(o) => adam(w, o), "scheduler", "lr"],
    [(o) => adam(w, o), "lerning_rate", "lr"],
    [(o) => adam(w, { groups: [Object.assign({ match: "w" }, o)] }), "params", "match"],
    [(o) => clamp(one, o), "lower", "min"],
    [(o) => linear(o), "start", "init"],
    [(o) => sample(one, o), "steps", "count"],
    [(o) => torch.cosineAnnealingLR(1, o), "steps", "tMax"],
    [(o) => adam(w, o), "b1", "beta1"],
    [(o) => adam(w, o), "beta_2", "beta2"],
    [(o) => adam(w, o), "epsilon", "eps"],
    [(o) => adam(w, o), "weight_decay", "weightDecay"],
    [(o) => adam(w, o), "wd", "weightDecay"],
    [(o) => adam(w, o), "l2", "weightDecay"],
    [(o) => adam(w, o), "lambda", "weightDecay"],
    [(o) => adam(w, o), "maxNorm", "clipNorm"],
    [(o) => adam(w, o), "max_norm", "clipNorm"],
    [(o) => adam(w, o), "global_clipnorm", "clipNorm"],
    [(o) => adam(w, o), "clipnorm", "clipTensorNorm, clipNorm"],
    [(o) => adam(w, o), "clipvalue", "clipValue"],
    [(o) => adam(w, o), "param_groups", "groups"],
    [(o) => adam(w, o), "amsGrad", "amsgrad"],
    [(o) => adam(w, o), "wieghtDecay", "weightDecay"],
    [(o) => adam(w, { groups: [Object.assign({ match: "w" }, o)] }), "learningRate", "lr"],
    [(o) => sgd(w, o), "nesterovMomentum", "nesterov"],
    [(o) => rmsprop(w, o), "rho", "alpha"],
    [(o) => warmupCosine(o), "warmupSteps", "warmup"],
    [(o) => linear(o), "T_max", "steps"],
    [(o) => torch.exponentialLR(1, o), "decayRate", "gamma"],
    [(o) => lrRangeTest(sgd(w), () => 1, o), "end_lr", "to"],
    [(o) => new Arena(o), "size", "bytes"],
  ])("%s: %s", (make, key, names) => {
    expect(() => make({ [key]: 1 } as never)).toThrow(
      new RegExp(`: unknown option ${key} \\(did you mean ${names}\\?\\), expected one of `),
    );
  });

  test("that is like none suggests none", () => {
    for (const key of ["foo", "colour", "x", "", "x".repeat(1000)])
      expect(() => adam(w, { [key]: 1 } as never)).toThrow(
        /^adam: unknown option \S+…?\S*( of 1000 characters)?, expected one of lr, /,
      );
  });
});
