/** What scheduleFromJSON makes of data that toJSON did not give. */
import { describe, expect, test } from "vitest";
import { constant, product, sample, scheduleFromJSON } from "../src/index.ts";
import { loose } from "./refusals.ts";

describe("JSON from elsewhere", () => {
  const parsed = (text: string) => () => scheduleFromJSON(JSON.parse(text));

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("has no schedule called %s", (name) => {
    expect(() => scheduleFromJSON({ schedule: name })).toThrow(/^scheduleFromJSON: schedule must be one of clamp, /);
  });

  test("cannot set a prototype", () => {
    expect(parsed('{"schedule":"constant","value":1,"__proto__":{"value":2}}')).toThrow(
      new TypeError("constant: unknown option __proto__, expected one of value"),
    );
    expect(parsed('{"schedule":"scale","factor":2,"of":{"schedule":"constant","__proto__":{"value":2}}}')).toThrow(
      new TypeError("constant: unknown option __proto__, expected one of value"),
    );
    expect(({} as Record<string, unknown>).value).toBeUndefined();
  });

  test("inherits nothing", () => {
    const inherited = Object.create({ schedule: "constant", value: 1 });
    expect(() => scheduleFromJSON(inherited)).toThrow(/got undefined$/);
    const prototype = Object.prototype as { end?: number; schedule?: string };
    prototype.end = 5;
    prototype.schedule = "constant";
    try {
      expect(scheduleFromJSON({ schedule: "cosineDecay", init: 1, steps: 2 })(2)).toBe(0);
      expect(() => loose(scheduleFromJSON)({ value: 1 })).toThrow(/got undefined$/);
    } finally {
      delete prototype.end;
      delete prototype.schedule;
    }
  });

  test("may be 64 deep and no deeper", () => {
    const nested = (levels: number) =>
      `${'{"schedule":"scale","factor":1,"of":'.repeat(levels - 1)}{"schedule":"constant","value":7}${"}".repeat(levels - 1)}`;
    expect(scheduleFromJSON(JSON.parse(nested(64)))(3)).toBe(7);
    const error = new RangeError("scheduleFromJSON: schedules must be nested at most 64 deep");
    for (const levels of [65, 5000]) expect(parsed(nested(levels))).toThrow(error);
    const endless: Record<string, unknown> = { schedule: "scale", factor: 1 };
    endless.of = endless;
    expect(() => loose(scheduleFromJSON)(endless)).toThrow(error);
  });

  test("is checked where it is nested, too", () => {
    const wrong = { schedule: "join", schedules: [{ schedule: "constant", value: null }], boundaries: [] };
    expect(() => scheduleFromJSON(wrong)).toThrow(new TypeError("constant: value must be a number, got null"));
    expect(() => scheduleFromJSON({ ...wrong, schedules: 3 })).toThrow(
      new TypeError("join: schedules must be an array of the library's schedules, got 3"),
    );
    expect(() => scheduleFromJSON({ ...wrong, schedules: ["constant"] })).toThrow(
      new TypeError('scheduleFromJSON: a schedule must be an object, got "constant"'),
    );
  });

  test("is no deeper than schedules made by hand may be", () => {
    const one = constant({ value: 1 });
    const deepen = (levels: number) => Array.from({ length: levels }).reduce<typeof one>((s) => product([s]), one);
    expect(deepen(63)(0)).toBe(1);
    expect(() => deepen(64)).toThrow(new RangeError("product: schedules must be nested at most 64 deep"));
    expect(sample(deepen(63), { count: 2, backend: "wasm" })[1]).toBe(1);
  });
});
