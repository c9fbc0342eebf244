import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { runs } from "./long.ts";
import { own } from "./makers.ts";

const STEPS = runs(5_000, 100_000);

interface Case {
  readonly name: string;
  readonly options: object;
}

/**
 * What the heap grows by in `STEPS` further steps of each case, each time right after a collection, in bytes; by the package as it is built.
 *
 * Nothing of an earlier case may be given back while another is measured: all are kept, as is their bytecode, and nothing is compiled
 * meanwhile on another thread. What is compiled on this one may take room or give some back once; so where there was a difference a stretch
 * of twice the length is measured, in which whatever is kept at every step, or in an array that grows now and then, shows again.
 */
function growths(cases: readonly Case[]): { readonly heap: number; readonly buffers: number }[] {
  const script = `
    import * as optimizers from "./build/lib/optimizers/index.js";
    import * as keras from "./build/lib/presets/keras/optimizers/index.js";
    const makers = Object.fromEntries([...Object.values(keras), ...Object.values(optimizers)].map((maker) => [maker.spec.name, maker]));
    const settle = () => { gc(); gc(); return process.memoryUsage(); };
    const kept = [];
    const found = ${JSON.stringify(cases)}.map(({ name, options }) => {
      const optimizer = makers[name]({ w: [64], b: [8] }, options);
      kept.push(optimizer);
      const run = (n) => { for (let i = 0; i < n; i++) { optimizer.grads.w[i % 64] = i % 7; optimizer.step(); } };
      run(${STEPS});
      const growth = (steps) => {
        const before = settle();
        run(steps);
        const after = settle();
        return { heap: after.heapUsed - before.heapUsed, buffers: after.arrayBuffers - before.arrayBuffers };
      };
      let last;
      // No leak is hidden by what the engine gives back: that too is measured again.
      for (const times of [1, 2, 4]) {
        last = growth(times * ${STEPS});
        if (Math.abs(last.heap) < ${STEPS} * times) break;
      }
      return last;
    });
    console.log(JSON.stringify(found));
  `;
  const flags = ["--expose-gc", "--single-threaded", "--no-flush-bytecode", "--input-type=module", "-e", script];
  return JSON.parse(execFileSync(process.execPath, flags, { encoding: "utf8" }));
}

const cases = own.flatMap(({ spec: { name, options } }): Case[] => {
  const more = {
    ...("weightDecay" in options && { weightDecay: 0.1 }),
    ...("cautious" in options && { cautious: true }),
  };
  return [
    { name, options: {} },
    { name, options: { clipNorm: 1, ...more } },
  ];
});

/** Whose decay is a pass of its own. */
const pass: Case = { name: "keras.sgd", options: { weightDecay: 0.1 } };

// One byte kept at every step would be `STEPS`; what is left of the engine's own is 240 at most, in 134 cases.
test.each(["wasm", "plain"])("%s: the heap stays flat", (backend) => {
  const all = [...cases, pass].map(({ name, options }) => ({ name, options: { backend, ...options } }));
  const found = growths(all).map((growth, i) => ({ ...all[i], ...growth }));
  expect(found.length).toBe(all.length);
  expect(found.filter(({ heap, buffers }) => heap >= STEPS || buffers !== 0)).toEqual([]);
});
