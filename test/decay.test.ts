/** What decoupled weight decay is multiplied by, where nothing else moves a parameter. */
import { describe, expect, test } from "vitest";
import type { Optimizer } from "../src/index.ts";
import { all as makers } from "./makers.ts";

type Make = (params: { w: number[] }, options: object) => Optimizer<{ w: number[] }>;

const W = 0.1;
const lr = (k: number) => 0.5 / (k + 1);
/** What the decays of three steps come to. */
const taken = {
  fixed: [W, W, W],
  schedule: [W, W / 2, W / 3],
  lr: [W / 2, W / 4, W / 6],
};

/** Whose first moment does not start at 0. */
const still: Readonly<Record<string, object>> = { yogi: { initialAccumulatorValue: 0 } };
/** Whose decay is proximal: p / (1 + decay). */
const proximal = ["adan"];
/** Whose first step only looks at the gradient. */
const later = ["adopt"];
/** Whose lr is multiplied by an estimate, d0 = 1e-6 at first. */
const estimating = ["prodigy", "dadaptAdam"];

const all = makers.flatMap((factory) => {
  const { name, options } = factory.spec;
  return "decay" in options ? [{ name, options, make: factory as unknown as Make }] : [];
});

describe.each(all)("$name", ({ name, options, make }) => {
  test.each(["fixed", "schedule", "lr"] as const)("decay %s, at gradients of 0", (decay) => {
    const more = "decoupledWeightDecay" in options ? { decoupledWeightDecay: true } : {};
    for (const shape of [[4], [2, 2]]) {
      const own = name === "muon" && shape.length === 1 ? { adamLr: lr, adamWeightDecay: W } : { lr, weightDecay: W };
      const optimizer = make({ w: shape }, { dtype: "f64", decay, ...own, ...more, ...still[name] });
      optimizer.params.w.fill(1);
      let expected = 1;
      for (const [k, part] of taken[decay].entries()) {
        optimizer.step();
        const factor = decay === "lr" && estimating.includes(name) ? 1e-6 * part : part;
        if (k === 0 && later.includes(name)) continue;
        expected *= proximal.includes(name) ? 1 / (1 + factor) : 1 - factor;
      }
      for (const x of optimizer.params.w) expect(x).toBeCloseTo(expected, 12);
    }
  });
});
