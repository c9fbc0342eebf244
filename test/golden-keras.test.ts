/**
 * The presets of thalweg/optimizers/keras with Keras's own defaults.
 *
 * Its nesterov golden fits momentum 0 only, which is how it stands here. Left out: its five steps of Ftrl, whose accumulator
 * has the power -0.2: ours is -1/2, as in the single step.
 */
import { describe, expect, test } from "vitest";
import { ema } from "../src/index.ts";
import { sgd } from "../src/presets/keras/optimizers/index.ts";
import { backends, expectDigits, expectNear, type Options, type Row, trajectory } from "./golden.ts";
import { presets } from "./makers.ts";

/** keras/src/optimizers/*_test.py: test_single_step, lr 0.5. */
const step: readonly (readonly [name: string, x: Row])[] = [
  ["keras.sgd", [0.5, -1, -0.5, 3]],
  ["keras.rmsprop", [-0.5811, 0.4189, 1.4189, 2.4189]],
  ["keras.adagrad", [0.5233, 1.5007, 2.5005, 3.5061]],
  ["keras.adam", [0.5, 1.5, 2.5, 3.5]],
  ["keras.adamw", [0.498, 1.496, 2.494, 3.492]],
  ["keras.adadelta", [0.9993, 1.9993, 2.9993, 3.9993]],
  ["keras.adamax", [0.5, 1.5, 2.5, 3.5]],
  ["keras.nadam", [0.4686, 1.4686, 2.4686, 3.4686]],
  ["keras.lion", [0.5, 1.5, 2.5, 3.5]],
  ["adafactor", [-0.3693, 0.6307, 1.6307, 2.6307]],
  ["ftrl", [0.2218, 1.3954, 2.3651, 2.8814]],
];

/**
 * keras/src/optimizers/*_test.py: test_correctness_with_golden, a row a step. Where one number stands for all ten
 * lanes, it does so within the test's tolerance of 5e-4; where all are printed, all digits count.
 */
const steps: readonly (readonly [name: string, options: Options, rows: readonly Row[]])[] = [
  [
    "keras.sgd",
    { nesterov: true },
    [
      [0.9999],
      [0.9989, 0.9979, 0.9969, 0.9959, 0.9949, 0.9939, 0.9929, 0.9919, 0.9909, 0.9899],
      [0.9979, 0.9959, 0.9939, 0.9919, 0.9899, 0.9879, 0.9859, 0.9839, 0.9819, 0.9799],
      [0.9969, 0.9939, 0.9909, 0.9879, 0.9849, 0.9819, 0.9789, 0.9759, 0.9729, 0.9699],
      [0.9959, 0.9919, 0.9879, 0.9839, 0.9799, 0.9759, 0.9719, 0.9679, 0.9639, 0.9599],
    ],
  ],
  ["keras.rmsprop", { centered: true }, [[0.9967], [0.9933], [0.9908], [0.9885], [0.9864]]],
  [
    "keras.adagrad",
    { lr: 0.2, initialAccumulatorValue: 0.3, eps: 1e-6 },
    [
      [0.9963],
      [0.9604, 0.9278, 0.9003, 0.8784, 0.8615, 0.8487, 0.8388, 0.8313, 0.8255, 0.8209],
      [0.9251, 0.8629, 0.8137, 0.7768, 0.7497, 0.7298, 0.7151, 0.704, 0.6956, 0.6891],
      [0.8903, 0.8012, 0.7342, 0.6862, 0.6521, 0.6277, 0.6099, 0.5967, 0.5867, 0.579],
      [0.856, 0.7422, 0.6604, 0.6037, 0.5644, 0.5367, 0.5168, 0.5021, 0.491, 0.4825],
    ],
  ],
  ["keras.adam", { amsgrad: true }, [[0.999], [0.9982], [0.9974], [0.9965], [0.9955]]],
  [
    "keras.adamw",
    { lr: 1, weightDecay: 0.5, eps: 2 },
    [
      [0.4998],
      [0.2486, 0.2475, 0.2463, 0.2451, 0.244, 0.2428, 0.2417, 0.2405, 0.2394, 0.2382],
      [0.1223, 0.1198, 0.1174, 0.1149, 0.1124, 0.11, 0.1075, 0.1051, 0.1027, 0.1003],
      [0.0586, 0.0549, 0.0512, 0.0475, 0.0439, 0.0402, 0.0366, 0.033, 0.0294, 0.0258],
      [0.0263, 0.0215, 0.0167, 0.012, 0.0073, 0.0026, -0.0021, -0.0067, -0.0113, -0.0159],
    ],
  ],
  ["keras.adadelta", { lr: 1, rho: 0.8, eps: 1e-6 }, [[0.9978], [0.9947], [0.9915], [0.9882], [0.9849]]],
  [
    "keras.adamax",
    { lr: 0.2, beta1: 0.85, beta2: 0.95, eps: 1e-6 },
    [
      [0.8],
      [0.6827, 0.6873, 0.6888, 0.6896, 0.6901, 0.6904, 0.6906, 0.6908, 0.6909, 0.691],
      [0.5333, 0.5407, 0.5431, 0.5444, 0.5451, 0.5456, 0.546, 0.5462, 0.5464, 0.5466],
      [0.368, 0.3773, 0.3804, 0.382, 0.3829, 0.3835, 0.384, 0.3843, 0.3846, 0.3848],
      [0.1933, 0.204, 0.2076, 0.2094, 0.2105, 0.2112, 0.2117, 0.2121, 0.2124, 0.2126],
    ],
  ],
  [
    "adafactor",
    { lr: 0.5, beta2Decay: -0.65, eps2: 1e-4, d: 0.9 },
    [
      [0.55],
      [0.3031, 0.3026, 0.3025, ...Array(7).fill(0.3024)],
      [0.1671, 0.1665, ...Array(8).fill(0.1663)],
      [0.0923, 0.0916, 0.0915, ...Array(7).fill(0.0914)],
      [0.0554, 0.0548, ...Array(5).fill(0.0546), ...Array(3).fill(0.0545)],
    ],
  ],
  [
    "keras.nadam",
    { lr: 0.5, beta1: 0.5, beta2: 0.67, eps: 1e-5 },
    [
      [0.4281],
      [-0.1738, -0.1731, -0.1726, -0.1723, -0.1721, -0.172, -0.1719, -0.1718, -0.1718, -0.1717],
      [-0.7115, -0.7103, -0.7096, -0.7092, -0.709, -0.7088, -0.7086, -0.7085, -0.7085, -0.7084],
      [-1.2335, -1.2322, -1.2313, -1.2309, -1.2306, -1.2304, -1.2302, -1.2301, -1.23, -1.2299],
      [-1.7492, -1.7478, -1.7469, -1.7464, -1.7461, -1.7459, -1.7457, -1.7456, -1.7455, -1.7454],
    ],
  ],
  ["keras.lion", {}, [[0.999], [0.998], [0.997], [0.996], [0.995]]],
];

const decaying = presets.map(({ spec }) => spec.name).filter((name) => name.startsWith("keras."));

describe.each(backends)("Keras on %s", (backend) => {
  test.each(step)("one step: %s", (name, x) => {
    const [row] = trajectory(name, { lr: 0.5, backend }, [1, 2, 3, 4], 1, () => [1, 6, 7, 2]);
    expectDigits(row, x, 4);
  });

  test("one step: keras.lamb, three of whose numbers are cut off and not rounded, by the test's tolerance", () => {
    const [row] = trajectory("keras.lamb", { lr: 0.5, backend }, [1, 2, 3, 4], 1, () => [1, 6, 7, 2]);
    expectNear(row, [-0.3693, 0.6306, 1.6306, 2.6306], 1e-4, 1e-4);
  });

  test("one step: muon, of a vector", () => {
    const [row] = trajectory("muon", { adamLr: 0.5, backend }, [1, 2, 3, 4], 1, () => [1, 6, 7, 2]);
    expectDigits(row, [0.5, 1.5, 2.5, 3.5], 4);
  });

  const ones = Array.from({ length: 10 }, () => 1);
  const five = (name: string, options: Options) =>
    trajectory(name, { ...options, backend }, ones, 5, (x, t) => x.map((_, i) => (t === 1 ? 0.01 : 0.1 * (i + 1))));

  test.each(steps)("five steps: %s %o", (name, options, rows) => {
    const actual = five(name, options);
    rows.forEach((row, t) => {
      expectDigits(actual[t], row.length === 1 ? ones.map(() => row[0]) : row, rows[1].length === 1 ? 3 : 4);
    });
  });

  test("five steps: keras.lamb, whose golden is Adam's and fits by Keras's two tolerances together", () => {
    const actual = five("keras.lamb", {});
    [0.999, 0.9982, 0.9974, 0.9965, 0.9955].forEach((value, t) => {
      expectNear(
        actual[t],
        ones.map(() => value),
        5e-4,
        5e-4,
      );
    });
  });

  test.each([...decaying, "adafactor"])("weight decay alone: 2 · (1 - 0.004)³ with %s", (name) => {
    const rows = trajectory(name, { lr: 1, weightDecay: 0.004, backend }, [2], 3, () => [0]);
    expectDigits(rows[2], [1.9760959], 7);
  });

  test("optimizer_test.py: an average of the parameters with momentum 0.9", () => {
    const optimizer = sgd({ v: Float64Array.of(3, 4, 5, 6) }, { lr: 1, backend });
    const average = ema(optimizer, { decay: 0.9 });
    const values = Array.from({ length: 3 }, () => {
      optimizer.step({ v: [1, 1, 1, 1] });
      average.update();
      average.swap();
      const [value] = optimizer.params.v;
      average.swap();
      return value;
    });
    expectDigits(values, [2, 1.9, 1.71], 12);
    expect([...optimizer.params.v]).toEqual([0, 1, 2, 3]);
  });
});
