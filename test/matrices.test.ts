/** Optimizers that update matrices as such. The fixtures have their trajectories; here is what others print and what must hold. */
import { describe, expect, test } from "vitest";
import { adafactor } from "../src/index.ts";

describe.each(["wasm", "plain"] as const)("on %s", (backend) => {
  test("Keras, one step of lr 0.5 on a matrix: adafactor", () => {
    const w = Float64Array.of(1, 2, 3, 4);
    const optimizer = adafactor({ w }, { lr: 0.5, shapes: { w: [2, 2] }, backend });
    optimizer.step({ w: [1, 6, 7, 2] });
    [0.7007, -0.0081, 1.2492, 3.4407].forEach((value, i) => {
      expect(optimizer.params.w[i]).toBeCloseTo(value, 4);
    });
  });
});
