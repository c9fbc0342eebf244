import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { own } from "./makers.ts";

const STEPS = 100_000;

/** The heap after 10⁵ further steps, against before them, each time right after a collection; in bytes. */
function growth(name: string, options: object): number {
  const script = `
    import { makers } from "./test/makers.ts";
    const optimizer = makers[${JSON.stringify(name)}]({ w: [64], b: [8] }, ${JSON.stringify(options)});
    const settle = () => { for (let i = 0; i < 4; i++) gc(); return process.memoryUsage(); };
    const run = (n) => { for (let i = 0; i < n; i++) { optimizer.grads.w[i % 64] = i % 7; optimizer.step(); } };
    run(20_000);
    const before = settle();
    run(${STEPS});
    const after = settle();
    console.log(after.heapUsed - before.heapUsed, after.arrayBuffers - before.arrayBuffers);
  `;
  const args = ["--expose-gc", "--import", "tsx", "--input-type=module", "-e", script];
  const [heap, buffers] = execFileSync(process.execPath, args, { encoding: "utf8" }).trim().split(" ").map(Number);
  expect(buffers).toBe(0);
  return heap;
}

const cases = own.flatMap(({ spec: { name, options } }) => {
  const more = {
    ...("weightDecay" in options && { weightDecay: 0.1 }),
    ...("cautious" in options && { cautious: true }),
  };
  return ["wasm", "plain"].flatMap((backend) => [
    { name, options: { backend } },
    { name, options: { backend, clipNorm: 1, ...more } },
  ]);
});

/** Whose decay is a pass of its own. */
const passes = ["wasm", "plain"].map((backend) => ({ name: "keras.sgd", options: { backend, weightDecay: 0.1 } }));

// One byte kept at every step would be 100,000; the engine's own bookkeeping moved the heap by at most 8,248 in forty runs.
test.each([...cases, ...passes])("$name with $options: the heap stays flat", ({ name, options }) => {
  expect(growth(name, options)).toBeLessThan(STEPS);
});
