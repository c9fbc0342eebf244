import { expect, test } from "vitest";
import { rprop } from "../src/index.ts";

/** As in torch 2.15. */
const firsts = [
  { lr: 1, minStep: 0.01, maxStep: 0.25, size: 0.25 },
  { lr: 0.001, minStep: 0.125, maxStep: 1, size: 0.125 },
  { lr: 0.5, minStep: 0.01, maxStep: 1, size: 0.5 },
];

test.each(["wasm", "plain"] as const)(
  "the first size on %s is the lr, no less and no more than a size may be",
  (backend) => {
    for (const { size, ...options } of firsts) {
      const optimizer = rprop({ a: [2] }, { ...options, backend });
      optimizer.step({ a: [3, -2] });
      expect([...optimizer.params.a]).toEqual([-size, size]);
      expect([...optimizer.state("a").step_size]).toEqual([size, size]);
    }
  },
);
