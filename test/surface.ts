/** Every function that the package exports and every member of what they make, with arguments that are fine. */
import { readFileSync } from "node:fs";
import * as asciichart from "asciichart";
import { tfOptimizer } from "../src/adapters/tfjs/index.ts";
import type { OptionTable } from "../src/common/options.ts";
import { commonOptions, type Spec } from "../src/engine/spec.ts";
import {
  Arena,
  adam,
  constant,
  diagnose,
  ema,
  lbfgs,
  linear,
  lookahead,
  plateau,
  sam,
  scale,
  scheduleFreeSgd,
} from "../src/index.ts";
import type { ScheduleSpec } from "../src/schedules/core/schedule.ts";
import { argumentsOf, houses } from "./houses.ts";
import { tf, variable } from "./tf.ts";

export type Callable = (...args: unknown[]) => unknown;
/** Makes arguments anew. */
export type Arguments = () => unknown[];

export interface Callee {
  readonly name: string;
  readonly call: Callable;
  readonly args: Arguments;
}

/** Memory for what is made here: Node has room for some thousand memories only. */
const arenas = {
  wasm: new Arena({ bytes: 1 << 20, backend: "wasm" }),
  plain: new Arena({ bytes: 1 << 20, backend: "plain" }),
};
export const available = (): string => `${arenas.wasm.available} ${arenas.plain.available}`;

let turn = 0;
const arena = (): Arena => (turn++ % 2 === 0 ? arenas.wasm : arenas.plain);

/** Calls of a function until it throws: what would go on for 2⁵³ steps ends. */
const CALLS = 40;
function times<A extends unknown[], R>(f: (...args: A) => R): (...args: A) => R {
  let calls = 0;
  return (...args) => {
    if (calls++ > CALLS) throw tired;
    return f(...args);
  };
}
/** What they throw then. */
export const tired = new Error("tired");

const params = () => ({ w: [2, 2], b: new Float32Array(3), "dense/bias": [1] });
const gradients = () => ({ w: [1, 2, 3, 4], b: new Float32Array(3), "dense/bias": [0.5] });
const callbacks = () => ({ progress: () => {}, signal: { throwIfAborted() {} } });

const made: { dispose?: () => void }[] = [];
/** Gives back what was made since the last time. */
export function tidy(): void {
  for (const one of made.splice(0)) one.dispose?.();
}
function kept<T extends object>(one: T): T {
  made.push(one as { dispose?: () => void });
  return one;
}

/** A copy that no arguments are made bad in: what is within it is everybody's. */
const own = (library: object): object => Object.assign(Object.create(null), library);

const optimizer = () => kept(adam(params(), { arena: arena(), lr: 0.1 }));

/** An option that is fine, of a kind with no default. */
const values: Readonly<Record<string, () => unknown>> = {
  of: () => constant({ value: 1 }),
  schedules: () => [constant({ value: 1 }), linear({ init: 1, end: 0, steps: 3 })],
  fn: () => (x: number) => x,
  scale: () => (x: number) => x,
  milestones: () => [1, 2],
  boundaries: () => [1],
  values: () => [1, 2],
  rate: () => 0.5,
  peak: () => 1,
  until: () => 9,
};

const optionsOf = (table: OptionTable): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(table).map(([key, { fallback, required }]) => [
      key,
      fallback ?? values[key]?.() ?? (required ? 2 : undefined),
    ]),
  );

function optimizerArguments({ options }: Spec): unknown[] {
  const table = { ...options, ...commonOptions };
  const { nesterov, ...own } = optionsOf(table);
  const group = { match: dieMatch(), ...optionsOf(Object.fromEntries(ownEntries(table))) };
  const { nesterov: _, ...grouped } = group as Record<string, unknown>;
  const whole = { clipNorm: 1, onNonFinite: "skip", inPlace: false, shapes: { b: [3, 1] }, dtype: "f32" };
  return [params(), { ...own, ...whole, groups: [grouped], arena: arena() }];
}

const ownEntries = (table: OptionTable) => Object.entries(table).filter(([, kind]) => !kind.ungrouped);
const dieMatch = () => [/w/, "w", (name: string) => name === "w"][turn % 3];

function scheduleArguments({ name, options }: ScheduleSpec): unknown[] {
  const given = optionsOf(options);
  const { of, ...rest } = given;
  if (name === "map") return [of, given.fn];
  if (name === "join") return [given.schedules, given.boundaries];
  if (name === "product") return [given.schedules];
  if (name === "scale" || name === "repeat" || name === "shift") return [of, Object.values(rest)[0]];
  if ("of" in options) return [of, rest];
  const steady = name === "warmupCosine" ? { warmup: 1 } : {};
  return [{ ...given, ...steady }];
}

const svg = () => ({
  outerHTML: "<svg></svg>",
  ownerDocument: { createElementNS: () => ({ textContent: "" }) },
  setAttribute() {},
  prepend() {},
});
const mark = () => ({});
const Plot = () => ({ plot: svg, dot: mark, line: mark, ruleX: mark, text: mark, vector: mark });
const curves = () => ({ loss: { x: [1, 2], y: [3, 4] }, other: { x: new Float32Array([1, 2]), y: [1, 1] } });
const axes = () => ({ xLabel: "x", yLabel: "y", logX: false, logY: true, marks: { best: 1.5 } });
const around = () => ({ title: "t", width: 80, height: 10 });
const schedules = () => ({ flat: constant({ value: 1 }), line: linear({ init: 1, end: 0, steps: 3 }) });
const panels = () => ({ count: 5, start: 1, label: "lr", log: false, columns: 2 });

let registered = 0;

/** By the entry of package.json and the name. */
const cases: Readonly<Record<string, Arguments>> = {
  "./Arena": () => [{ bytes: 4096, backend: "plain" }],
  "./ema": () => [optimizer(), { decay: 0.9, arena: arena() }],
  "./swa": () => [optimizer(), { arena: arena() }],
  "./lookahead": () => [optimizer(), { every: 2, alpha: 0.5, arena: arena() }],
  "./sam": () => [optimizer(), { rho: 0.1 }],
  "./lbfgs": () => [
    params(),
    { lr: 1, maxIter: 3, maxEval: 4, historySize: 3, lineSearchFn: "strongWolfe", dtype: "f32", arena: arena() },
  ],
  "./registerFunction": () => [`input test ${registered++}`, (x: number) => x],
  "./sample": () => [constant({ value: 1 }), { count: 3, start: 1, out: new Float64Array(4), backend: "plain" }],
  "./scheduleFromJSON": () => [
    {
      schedule: "join",
      boundaries: [1],
      schedules: [constant({ value: 1 }).toJSON(), scale(constant({ value: 1 }), 2).toJSON()],
    },
  ],
  "./diagnose": () => [optimizer(), { budget: 10 }],
  "./plateau": () => [
    {
      base: 0.1,
      factor: 0.5,
      patience: 1,
      mode: "min",
      rtol: 0,
      atol: 0,
      cooldown: 0,
      min: 0,
      eps: 0,
      every: 1,
      counting: "torch",
    },
  ],
  "./greedy": () => [{ base: 0.1, factor: 0.5, patience: 1, mode: "min", min: 0.1, max: 1, window: 2, reset: 5 }],
  "./lrRangeTest": () => [
    optimizer(),
    times((step: number) => step),
    { from: 0.1, to: 1, steps: 4, shape: "linear", smoothing: 0.5, stopAt: 4, ...callbacks() },
  ],
  "./sweep": () => [
    times((lr: number) => times((k: number) => lr * k)),
    { lrs: [0.1, 1], steps: 3, seeds: [0], ...callbacks() },
  ],
  "./tfjs/tfOptimizer": () => [
    own(tf),
    adam,
    { lr: 0.1, clipNorm: 1, groups: [{ match: /w/, lr: 1 }], project: () => undefined },
  ],
  "./tfjs/registerOptimizer": () => [own(tf), adam, { lr: 0.1, groups: [{ match: /w/ }] }],
  "./tfjs/layerConstraints": () => [{ weights: [{ name: "w", constraint: null }] }],
  "./plot/plotCurve": () => [
    Plot(),
    curves(),
    { ...around(), ...axes(), hover: true, document: { createElementNS: mark } },
  ],
  "./plot/textCurve": () => [{ ...asciichart }, curves(), { ...around(), ...axes(), color: true }],
  "./plot/plotSchedule": () => [Plot(), schedules(), { ...around(), ...panels(), document: { createElementNS: mark } }],
  "./plot/textSchedule": () => [{ ...asciichart }, schedules(), { ...around(), ...panels() }],
};

interface Package {
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
}

/** Arguments for an export; undefined if it has no case. */
function argumentsFor(entry: string, name: string, value: Callable): Arguments | undefined {
  const { spec, kind } = value as { spec?: unknown; kind?: unknown };
  if (spec && kind) return () => optimizerArguments(spec as Spec);
  if (spec) return () => scheduleArguments(spec as ScheduleSpec);
  const house = houses.find((house) => entry === `./schedules/${house.name}`);
  const row = house?.cases.find(({ preset }) => preset === name);
  if (house && row) return () => argumentsOf(house.presets, row);
  return cases[entry === "." ? `./${name}` : `${entry}/${name}`];
}

/** All functions of all entries, and the names of those that have no case. */
export async function functions(): Promise<{ readonly all: readonly Callee[]; readonly missing: readonly string[] }> {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as Package;
  const all: Callee[] = [];
  const missing: string[] = [];
  for (const [entry, { default: file }] of Object.entries(exports)) {
    const path = file.replace("./build/lib/", "../src/").replace(/js$/, "ts");
    const module = (await import(/* @vite-ignore */ path)) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== "function") continue;
      const f = value as Callable;
      const args = argumentsFor(entry, name, f);
      const call = name === "Arena" ? (options: unknown) => Reflect.construct(value, [options]) as unknown : f;
      if (args) all.push({ name: `${entry} ${name}`, call: (...given) => keptIfAny(call(...given)), args });
      else missing.push(`${entry} ${name}`);
    }
  }
  return { all, missing };
}

function keptIfAny(value: unknown): unknown {
  if (typeof value === "object" && value !== null && "dispose" in value) kept(value);
  return value;
}

/** What has members, how it is made, and its members: arguments of methods, values for setters, [] for what is only read. */
export interface Subject {
  readonly name: string;
  readonly make: () => object;
  readonly members: Readonly<Record<string, Arguments>>;
  /** What must not change when a call fails. */
  readonly state: (subject: object) => unknown;
}

const read: Arguments = () => [];
const loss = () => times(() => 1);

interface Savable {
  save(): unknown;
}
const saved = (subject: object): unknown => (subject as Savable).save();

/** With what is not in a save. */
function whole(subject: object): unknown {
  const { params, grads, lr, stepCount } = subject as ReturnType<typeof optimizer>;
  const copies = [params, grads].map((views) => Object.entries(views).map(([name, view]) => [name, view.slice()]));
  return { save: saved(subject), copies, lr, stepCount };
}

const trained = () => {
  const one = optimizer();
  one.step(gradients());
  return one;
};

const optimizerMembers = (other: () => object): Subject["members"] => ({
  name: read,
  backend: read,
  dtype: read,
  params: read,
  grads: read,
  stepCount: read,
  skipped: read,
  lr: () => [0.5],
  hyper: () => ["lr", "w"],
  state: () => ["w"],
  carried: () => ["w"],
  step: () => [gradients()],
  eval: () => [],
  train: () => [],
  save: () => [],
  load: () => [saved(other())],
  zeroGrad: () => [],
  dispose: () => [],
});

const averageMembers = (other: () => object): Subject["members"] => ({
  name: read,
  count: read,
  update: () => [],
  save: () => [],
  load: () => [saved(other())],
  dispose: () => [],
});

const free = () => {
  const one = kept(scheduleFreeSgd(params(), { arena: arena(), warmupSteps: 1 }));
  one.step(gradients());
  return one;
};
const minimizer = () => kept(lbfgs(params(), { arena: arena(), historySize: 2 }));
const averaged = () => {
  const one = kept(ema(optimizer(), { arena: arena() }));
  one.update();
  return one;
};
const slow = () => kept(lookahead(optimizer(), { arena: arena() }));
const follower = () => plateau({ base: 0.1, patience: 0 });

export const subjects: readonly Subject[] = [
  { name: "adam", make: trained, members: optimizerMembers(trained), state: whole },
  { name: "scheduleFreeSgd", make: free, members: optimizerMembers(free), state: whole },
  {
    name: "lbfgs",
    make: minimizer,
    members: {
      name: read,
      backend: read,
      dtype: read,
      params: read,
      grads: read,
      stepCount: read,
      skipped: read,
      nIter: read,
      funcEvals: read,
      status: read,
      lr: () => [0.5],
      step: () => [loss()],
      save: () => [],
      load: () => [saved(minimizer())],
      zeroGrad: () => [],
      dispose: () => [],
    },
    // A closure has run before it failed.
    state: (subject) => Object.entries((subject as ReturnType<typeof minimizer>).params).map(([, x]) => x.slice()),
  },
  {
    name: "ema",
    make: averaged,
    members: { ...averageMembers(averaged), swapped: read, swap: () => [] },
    state: saved,
  },
  { name: "lookahead", make: slow, members: averageMembers(slow), state: saved },
  { name: "sam", make: () => sam(optimizer()), members: { step: () => [loss()] }, state: () => undefined },
  {
    name: "Arena",
    make: () => new Arena({ bytes: 128, backend: "plain" }),
    members: { backend: read, byteLength: read, available: read },
    state: (subject) => (subject as Arena).available,
  },
  {
    name: "schedule",
    make: () => linear({ init: 1, end: 0, steps: 3 }),
    members: { call: () => [2], toJSON: () => [] },
    state: () => undefined,
  },
  {
    name: "plateau",
    make: follower,
    members: { call: () => [2], scale: read, update: () => [1], save: () => [], load: () => [saved(follower())] },
    state: saved,
  },
  {
    name: "diagnose",
    make: () => diagnose(optimizer()),
    members: { update: () => [1], report: () => [] },
    state: (subject) => (subject as ReturnType<typeof diagnose>).report(),
  },
  {
    name: "tfOptimizer",
    make: () => kept(tfOptimizer(tf, adam, { lr: 0.1 })),
    members: {
      name: read,
      iterations: read,
      skipped: read,
      lr: () => [0.5],
      learningRate: () => [0.5],
      inPlace: read,
      project: () => [() => undefined],
      minimize: () => [cost, false, [weight]],
      computeGradients: () => [cost, [weight]],
      applyGradients: () => [{ [weight.name]: gradient }],
      eval: () => [],
      train: () => [],
      getWeights: () => [],
      setWeights: () => [[{ name: "iter", tensor: tf.scalar(1, "int32") }]],
      getClassName: () => [],
      getConfig: () => [],
      dispose: () => [],
    },
    state: (subject) => {
      const { lr, iterations, skipped } = subject as { lr: number; iterations: number; skipped: number };
      return { lr, iterations, skipped, weight: weight.dataSync().slice() };
    },
  },
];

const weight = variable([1, 2]);
const gradient = tf.tensor1d([1, 1]);
const cost = () => tf.sum(tf.square(weight));

/** Members that the published types do not have. */
export const internal: readonly string[] = [
  "groups",
  "weights",
  "climb",
  "checkpoint",
  "own",
  "ownParts",
  "other",
  "otherParts",
  "advance",
  "approach",
  "live",
  "together",
  "kernels",
  "allocate",
  "furnish",
  "release",
  "curve",
];

/** What can be asked of a subject. */
export function membersOf(subject: object): string[] {
  const names = new Set<string>();
  for (
    let one: object = subject;
    one !== Object.prototype && one !== Function.prototype;
    one = Object.getPrototypeOf(one)
  )
    for (const name of Object.getOwnPropertyNames(one)) names.add(name);
  if (typeof subject === "function") for (const name of ["length", "name", "prototype"]) names.delete(name);
  if (typeof subject === "function") names.add("call");
  names.delete("constructor");
  return [...names].filter((name) => !internal.includes(name));
}
