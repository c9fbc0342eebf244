import { describe, expect, test, vi } from "vitest";
import { loadMnist } from "../examples/mnist/data.ts";
import { tour } from "../examples/mnist/tour.ts";
import { train } from "../examples/mnist/train.ts";
import type { BackendChoice } from "../src/index.ts";
import { isLong } from "./long.ts";

const data = loadMnist();
const backends: readonly BackendChoice[] = ["wasm", "plain"];
const [{ rows: rates }, { rows: schedules }, { rows: optimizers }] = tour;

/** An epoch, or a share of one in which a network can learn something. */
const steps = isLong ? 1875 : 120;
const trained = ({ run }: (typeof rates)[number]) => train({ run, backends, steps, seed: 1 }, data, () => {});

test("a rate can be too low, right and too high", () => {
  const [low, right, high] = rates.map(trained);
  expect(right.accuracy).toBeGreaterThan(low.accuracy + 0.1);
  expect([low, right, high].map(({ divergence }) => divergence !== undefined)).toEqual([false, false, true]);
});

describe("an epoch ends with the same parameters on both backends, and what was learnt", () => {
  const others = new Map([...schedules, ...optimizers].map((row) => [row.run, row]));
  const tried = isLong ? [...others.values()] : [schedules[4], optimizers[4]];
  test.each(tried)("$label", (row) => {
    const { descents, accuracy } = trained(row);
    expect(descents.map(({ backend }) => backend)).toEqual(backends);
    expect(descents[1].hash).toBe(descents[0].hash);
    // A network that has learnt nothing gives 0.1; 120 steps give 0.90, an epoch 0.957 to 0.965.
    expect(accuracy).toBeGreaterThan(isLong ? 0.955 : 0.85);
    if (isLong && row.label === "polynomialDecay") expect(accuracy).toBeGreaterThan(0.96);
  });
});

test("one pause spoils no time", () => {
  let now = 0;
  let calls = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => {
    now += ++calls % 16 === 0 ? 1e6 : 1;
    return now;
  });
  const { gradientTime, descents } = train({ run: rates[1].run, backends, steps: 8, seed: 1 }, data, () => {});
  clock.mockRestore();
  expect([gradientTime, ...descents.map(({ stepTime }) => stepTime)]).toEqual([1, 1, 1]);
});
