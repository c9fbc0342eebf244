/** What a caller should not give, and where to put it. */
import { runInNewContext } from "node:vm";

/** Thrown by everything here that throws: a library passes it on as it is. */
export const boom = new Error("boom");

const explode = (): never => {
  throw boom;
};

/** Numbers in [0, 1) from a seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

function deep(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
}

function cyclicList(): unknown[] {
  const list: unknown[] = [1];
  list.push(list);
  return list;
}

function cyclicObject(): object {
  const object: Record<string, unknown> = { schedule: "scale", factor: 2 };
  object.of = object;
  object.lr = object;
  return object;
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** Every trap throws. */
const hostile = (target: object): object =>
  new Proxy(target, new Proxy({}, { get: () => explode }) as ProxyHandler<object>);

function throwing(...keys: readonly PropertyKey[]): object {
  const descriptors = keys.map((key) => [key, { get: explode, enumerable: true, configurable: true }] as const);
  return Object.defineProperties({}, Object.fromEntries(descriptors));
}

/** An array whose length or an element throws. */
const throwingList = (): unknown[] => Object.defineProperty([1, 2, 3], 1, { get: explode, enumerable: true });

function detached(make: (buffer: ArrayBuffer) => ArrayBufferView): ArrayBufferView {
  const view = make(new ArrayBuffer(16));
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return view;
}

type Resizable = ArrayBuffer & { resize(bytes: number): void };
const resizable = (bytes: number): Resizable =>
  new (ArrayBuffer as unknown as new (bytes: number, options: object) => Resizable)(bytes, { maxByteLength: 64 });

/** A view of what has become shorter than it. */
function outOfBounds(): Float32Array {
  const buffer = resizable(16);
  const view = new Float32Array(buffer, 8, 2);
  buffer.resize(4);
  return view;
}

const withKey = (key: string, value: unknown): object => Object.defineProperty({}, key, { value });

class Foo {
  lr = 1;
  w = [2];
}

const long = "x".repeat(100_000);
const deepList = deep(20_000, (inner) => [inner]);
const deepObject = deep(20_000, (inner) => ({ schedule: "scale", factor: 1, of: inner }));
const million = Array.from({ length: 1_000_000 }, (_, i) => (i === 999_999 ? "x" : i));
const realm = (code: string) => runInNewContext(code) as unknown;

const numbers = [
  NaN,
  Infinity,
  -Infinity,
  -0,
  0,
  1,
  -1,
  2,
  0.5,
  -0.5,
  5e-324,
  1e308,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  2 ** 32,
];

/** Each makes one; what is dear to make is there already. */
const makers: readonly (() => unknown)[] = [
  ...numbers.map((x) => () => x),
  ...[undefined, null, true, false, "", "w", "lr", "1", long, 1n, -(2n ** 200n), Symbol("s"), Symbol.iterator].map(
    (x) => () => x,
  ),
  () => [],
  // biome-ignore lint/suspicious/noSparseArray: a hole is the point
  () => [1, , 2],
  () => new Array(3),
  () => new Array(2 ** 32 - 1),
  () => [NaN],
  () => [0.5, -0.5],
  () => [[1], [2]],
  () => [1n, "x", null],
  () => [2 ** 53 - 1, 2 ** 53 - 1],
  () => deepList,
  () => million,
  cyclicList,
  throwingList,
  () => ({}),
  () => ({ a: 1 }),
  () => ({ length: 2, 0: 1, 1: 2 }),
  () => ({ [Symbol("s")]: 1 }),
  () => JSON.parse('{"__proto__": [2], "constructor": [1]}') as unknown,
  () => Object.create(null) as unknown,
  () => Object.create({ lr: 1, w: [2] }) as unknown,
  () => deepObject,
  cyclicObject,
  () => new Map([["w", [2]]]),
  () => new Set([1]),
  () => new WeakMap(),
  () => new Date(0),
  () => Promise.resolve(1),
  () => withKey("then", 3),
  () => withKey("then", explode),
  () => throwing("then"),
  () => /w/g,
  () => new Error("e"),
  () => new Foo(),
  () => Object(1) as unknown,
  () => Object("w") as unknown,
  () => explode,
  () => () => undefined,
  () => () => "x",
  () => () => 1n,
  () => () => Symbol("s"),
  () => () => NaN,
  () => () => -1,
  () => () => revoked({}),
  () => () => () => "x",
  () => async () => 1,
  () => function* () {},
  () => new Float32Array(2),
  () => new Float64Array(2),
  () => new Float32Array([NaN, Infinity]),
  () => new Int32Array(2),
  () => new BigInt64Array(2),
  () => new DataView(new ArrayBuffer(8)),
  () => new ArrayBuffer(8),
  () => new SharedArrayBuffer(8),
  () => new Float32Array(new SharedArrayBuffer(8)),
  () => new Float64Array(new SharedArrayBuffer(16)),
  () => new Float32Array(resizable(8)),
  outOfBounds,
  () => detached((buffer) => new Float32Array(buffer)),
  () => detached((buffer) => new Float64Array(buffer)),
  () => detached((buffer) => new DataView(buffer)),
  () => new Proxy({}, {}),
  () => new Proxy([1, 2], {}),
  () => new Proxy(new Float32Array(2), {}),
  () => hostile({}),
  () => hostile([]),
  () => hostile(() => 1),
  () => revoked({}),
  () => revoked([]),
  () => revoked(() => 1),
  () => [revoked({})],
  () => throwing("lr", "w", "length", "schedule", "x", "optimizer"),
  () => throwing("toString", "valueOf", Symbol.toPrimitive, Symbol.toStringTag, "constructor", "name"),
  () => Object.create(throwing("constructor", Symbol.toStringTag, "name")) as unknown,
  () => ({ [Symbol.toStringTag]: long, constructor: { name: long } }),
  () => ({ toString: 1, valueOf: 2 }),
  () => realm("({})"),
  () => realm("[2]"),
  () => realm("new Float32Array(2)"),
  () => realm("new Float64Array(2)"),
  () => realm("/w/"),
  () => realm("new Map()"),
  () => realm("new Date()"),
  () => realm("(x) => 1"),
];

/** One of them; a fresh one, for what is called may keep it. */
export const badValue = (dice: Dice): unknown => dice.one(makers)();

/** What stands round a value that is fine. */
const wrappers: readonly ((value: object) => unknown)[] = [
  (value) => new Proxy(value, {}),
  hostile,
  revoked,
  (value) => Object.create(value) as unknown,
  (value) => (Array.isArray(value) ? [...value, ...value] : new Map(Object.entries(value))),
  (value) => [value],
];

const isBranch = (value: unknown): value is Record<string, unknown> =>
  Array.isArray(value) ||
  (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype);

/** Changes one place in arguments: what an argument, an option, an element of a list is. */
export function spoilOne(args: unknown[], dice: Dice): void {
  let parent = args as unknown as Record<string, unknown>;
  let key = String(dice.below(Math.max(args.length, 1)));
  for (let depth = 0; depth < 3; depth++) {
    const value = parent[key];
    if (!isBranch(value) || dice.next() < 0.15) break;
    const keys = Object.keys(value);
    if (keys.length === 0) break;
    parent = value;
    key = dice.one(keys);
  }
  spoil(parent, key, dice);
}

function spoil(parent: Record<string, unknown>, key: string, dice: Dice): void {
  const value = parent[key];
  const way = dice.next();
  if (way < 0.05) delete parent[key];
  else if (way < 0.1) Object.defineProperty(parent, key, { get: explode, enumerable: true, configurable: true });
  else if (way < 0.15) parent[dice.one(["lrr", "learning_rate", "__proto__x", "groups", "w", ""])] = badValue(dice);
  else if (way < 0.2 && typeof value === "object" && value !== null) parent[key] = dice.one(wrappers)(value);
  else parent[key] = badValue(dice);
}

/** Changes all of them, or how many they are. */
export function spoilAll(args: unknown[], dice: Dice): void {
  const way = dice.next();
  if (way < 0.3) args.length = dice.below(args.length + 1);
  else if (way < 0.5) args.push(badValue(dice));
  else for (let i = 0; i < args.length; i++) args[i] = badValue(dice);
}
