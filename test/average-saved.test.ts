/** What goes around an optimizer, saved, loaded, and where it lives. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Arena, adam, ema, lookahead, swa } from "../src/index.ts";
import { differences } from "./rig.ts";

type Around = Parameters<typeof ema>[0];
type Options = { readonly arena?: Arena };

const wrappers = {
  ema: (optimizer: Around, options?: Options) => ema(optimizer, { decay: 0.7, ...options }),
  swa,
  lookahead: (optimizer: Around, options?: Options) => lookahead(optimizer, { every: 3, alpha: 0.3, ...options }),
};
type Wrapper = ReturnType<(typeof wrappers)[keyof typeof wrappers]>;
const cases = Object.entries(wrappers).map(([name, wrap]) => ({ name, wrap }));

const start = () => ({ w: [5], 7: [3] }) as const;
const make = (options: object = {}) => adam(start(), { lr: 0.1, ...options });

/** Steps numbered `from` to `to`, with gradients that the number decides, and an update after each that is due. */
function run(optimizer: ReturnType<typeof make>, wrapper: Wrapper, due: readonly boolean[], from: number, to: number) {
  for (let t = from; t < to; t++) {
    for (const grad of [optimizer.grads.w, optimizer.grads[7]])
      for (let i = 0; i < grad.length; i++) grad[i] = ((i * 7 + t * 3) % 11) / 11 - 0.4;
    optimizer.step();
    if (due[t]) wrapper.update();
  }
}

describe.each(cases)("$name", ({ name, wrap }) => {
  test("goes on from what was saved as if it had never stopped, on either backend, in either dtype", () => {
    const due = fc.array(fc.boolean(), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(due, fc.nat(), fc.constantFrom("f32", "f64"), fc.boolean(), (due, at, dtype, swaps) => {
        const breaks = at % (due.length + 1);
        const [first, then] = swaps ? (["plain", "wasm"] as const) : (["wasm", "plain"] as const);
        const optimizer = make({ dtype, backend: first });
        const whole = wrap(optimizer);
        run(optimizer, whole, due, 0, breaks);
        const saved = structuredClone({ optimizer: optimizer.save(), whole: whole.save() });
        run(optimizer, whole, due, breaks, due.length);

        const other = make({ dtype, backend: then });
        const resumed = wrap(other);
        run(other, resumed, [true, true, true, true], 0, 4);
        other.load(saved.optimizer);
        resumed.load(saved.whole);
        run(other, resumed, due, breaks, due.length);
        for (const key of ["w", 7] as const) {
          expect(differences(other.params[key], optimizer.params[key])).toBe(0);
          expect(differences(resumed.save().params[key], whole.save().params[key])).toBe(0);
        }
        expect(resumed.count).toBe(whole.count);
      }),
    );
  });

  test("what was saved is a copy", () => {
    const optimizer = make();
    const wrapper = wrap(optimizer);
    const before = structuredClone(wrapper.save());
    const saved = wrapper.save();
    run(optimizer, wrapper, [true, true, true], 0, 3);
    expect(saved).toEqual(before);
    wrapper.load(saved);
    run(optimizer, wrapper, [true, true, true], 0, 3);
    expect(saved).toEqual(before);
  });

  test("what does not fit changes nothing and says why", () => {
    const optimizer = make();
    const wrapper = wrap(optimizer);
    run(optimizer, wrapper, [true, true, true], 0, 3);
    const saved = wrapper.save();
    const { w } = saved.params;
    const other = name === "swa" ? ema(optimizer) : swa(optimizer);
    const bad: readonly [unknown, Error][] = [
      [null, new TypeError(`${name}: what is loaded must be what save() gave, got null`)],
      [other.save(), new TypeError(`${name}: what is loaded must be of ${name} in f32, got ${other.name} in f32`)],
      [optimizer.save(), new TypeError(`${name}: what is loaded must be of ${name} in f32, got undefined in f32`)],
      [
        { ...saved, dtype: "f64" },
        new TypeError(`${name}: what is loaded must be of ${name} in f32, got ${name} in f64`),
      ],
      [{ ...saved, count: 0.5 }, new RangeError(`${name}: the saved count must be a whole number ≥ 0, got 0.5`)],
      [{ ...saved, params: { w } }, new TypeError(`${name}: the saved parameters must be 7, w, got w`)],
      [
        { ...saved, params: { ...saved.params, w: [...w] } },
        new TypeError(`${name}: the saved w must be a Float32Array, got [${[...w].join(", ")}]`),
      ],
      [
        { ...saved, params: { 7: new Float32Array(3), w: new Float32Array(4) } },
        new RangeError(`${name}: the saved w must have 5 elements, got 4`),
      ],
    ];
    const before = wrapper.save();
    for (const [given, error] of bad) expect(() => wrapper.load(given as never)).toThrow(error);
    expect(wrapper.save()).toEqual(before);
  });

  test.each(["wasm", "plain"] as const)("lives in an arena on %s, and gives its part back", (backend) => {
    const arena = new Arena({ bytes: 1 << 14, backend });
    // Whoever had the memory before left something there.
    new Uint8Array(arena.kernels.buffer).fill(0x7f);
    const optimizer = make({ arena });
    const { available } = arena;
    const inside = wrap(optimizer, { arena });
    const room = arena.available;
    expect(room).toBeLessThan(available);
    const beside = make({ backend });
    const outside = wrap(beside);
    expect(arena.available).toBe(room);
    const due = new Array(7).fill(true);
    run(optimizer, inside, due, 0, 7);
    run(beside, outside, due, 0, 7);
    expect(inside.save()).toEqual(outside.save());
    expect(optimizer.save()).toEqual(beside.save());

    inside.dispose();
    inside.dispose();
    expect(arena.available).toBe(available);
    const disposed = new Error(`${name}: this wrapper is disposed`);
    for (const call of [() => inside.update(), () => inside.save(), () => inside.load(outside.save())])
      expect(call).toThrow(disposed);
    if ("swap" in inside) expect(() => inside.swap()).toThrow(disposed);
    optimizer.step();
  });

  test("is of no use around an optimizer that is disposed, but can be so too", () => {
    const arena = new Arena({ bytes: 1 << 14 });
    const { available } = arena;
    const optimizer = make({ arena });
    const wrapper = wrap(optimizer, { arena });
    if ("swap" in wrapper) wrapper.swap();
    optimizer.dispose();
    const disposed = new Error(`${name}: this optimizer is disposed`);
    expect(() => wrapper.update()).toThrow(disposed);
    expect(() => wrapper.save()).toThrow(disposed);
    if ("swap" in wrapper) expect(() => wrapper.swap()).toThrow(disposed);
    expect(() => wrap(optimizer)).toThrow(disposed);
    wrapper.dispose();
    expect(arena.available).toBe(available);
  });

  test("refuses an arena that is none, or too small", () => {
    const optimizer = make();
    expect(() => wrap(optimizer, { arena: 1 as never })).toThrow(
      new TypeError(`${name}: arena must be an Arena, got 1`),
    );
    const arena = new Arena({ bytes: 64 });
    expect(() => wrap(optimizer, { arena })).toThrow(`${name}: the arena has no room for 384 bytes`);
    expect(arena.available).toBe(64);
    expect(() => wrap(optimizer, { shape: 1 } as never)).toThrow(`${name}: unknown option shape`);
  });
});
