import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBase64, toBase64 } from "../src/common/base64.ts";

test("bytes become the base64 that Node makes, and come back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 99 }), (bytes) => {
      const text = toBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      expect(fromBase64(text)).toEqual(bytes);
    }),
  );
});

test("long ones too", () => {
  const bytes = Uint8Array.from({ length: 300_001 }, (_, i) => i * 7);
  const text = toBase64(bytes);
  expect(text).toBe(Buffer.from(bytes).toString("base64"));
  expect(Buffer.compare(fromBase64(text) ?? Buffer.of(), bytes)).toBe(0);
});

test.each(["A", "AAA", "A===", "====", "AA=A", "A\u0101AA", "AA A", "AA\n="])("%j is none", (text) => {
  expect(fromBase64(text)).toBeUndefined();
});
