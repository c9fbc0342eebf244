import { expect, test } from "vitest";
import { all } from "../bench/cases.ts";
import { fillUniform, seeded } from "../bench/random.ts";

const SIDE = 64;
const STEPS = 10;

/** What makes those move far enough to tell that scale their lr, or find it from nearly 0 on. */
const starts = {
  adadelta: { lr: 1 },
  lars: { lr: 1 },
  novograd: { lr: 0.01 },
  prodigy: { lr: 1, d0: 1e-3 },
  dadaptAdam: { lr: 1, d0: 1e-3 },
  dog: { lr: 1, repsRel: 1e-3 },
  dowg: { lr: 1, eps: 1 },
};
const startOf = (name: string) => Object.entries(starts).find(([key]) => key === name)?.[1] ?? { lr: 1e-3 };

/**
 * What the bench times by hand is the same update. Parameters are in (−1, 1) at first, and f32 rounds them by up to 6e-8 a step: the
 * largest difference after ten was 6e-7, where they move by 0.001 and more.
 */
test.each(all)("bench: hand-written $name does what the library does", ({ name, make, hand, square }) => {
  const options = startOf(name);
  const optimizer = seeded(make(square ? [[SIDE, SIDE]] : [[SIDE * SIDE]], { ...options, backend: "wasm" }));
  const [params] = optimizer.params;
  const [grads] = optimizer.grads;
  const before = Float32Array.from(params);
  const p = Float32Array.from(params);
  const state = Object.values(optimizer.state(0)).map((slot) => Float32Array.from(slot));
  const own = { carried: new Float64Array(3), scratch: new Float32Array(p.length) };
  for (let t = 1; t <= STEPS; t++) {
    fillUniform(grads, t);
    hand(p, grads, state, t, options, own);
    optimizer.step();
  }
  const largest = (a: Float32Array, b: Float32Array) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
  expect(largest(params, before)).toBeGreaterThan(1e-3);
  expect(largest(params, p)).toBeLessThan(1e-6);
});
