/**
 * Softmax regression on MNIST: what finds its lr, or needs none, at its default lr against the best of Adam's fixed ones. Two epochs in
 * batches of 16 from weights of 0; the loss is the mean cross-entropy over all 60,000 training images after the last step.
 *
 * Their authors say what D-Adaptation, Prodigy, DoG and DoWG need besides, as they keep a rate that is too noisy for the end: a schedule
 * down to 0 (optax's docstrings too), or an average of the parameters. Without it, in units of Adam's loss: 2.16, 1.18, 1.050, 1.051.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { Batches } from "../examples/mnist/batches.ts";
import { CLASSES, loadMnist, PIXELS } from "../examples/mnist/data.ts";
import { mulberry32 } from "../examples/mnist/random.ts";
import { softmax } from "../examples/mnist/softmax.ts";
import { ema, type Optimizer, polynomialDecay } from "../src/index.ts";
import * as optimizers from "../src/optimizers/index.ts";
import { isLong } from "./long.ts";

const BATCH = 16;
const STEPS = 7500;

const shapes = { weight: [CLASSES, PIXELS], bias: [CLASSES] } as const;
type Model = Optimizer<typeof shapes, "f32">;
type Options = Readonly<Record<string, unknown>>;
const makers = optimizers as unknown as Readonly<Record<string, (params: typeof shapes, options: Options) => Model>>;

const { images, labels } = loadMnist().train;
const everyone = Uint32Array.from(labels.keys());
const row = new Float64Array(CLASSES);

/** The mean loss over some images, whose gradient goes to `grads`. */
function lossOf({ weight, bias }: Model["params"], batch: Uint32Array, grads?: Model["grads"]): number {
  const { starts, columns, values } = images;
  const classes = bias.length;
  const pixels = weight.length / classes;
  grads?.weight.fill(0);
  grads?.bias.fill(0);
  let loss = 0;
  for (const image of batch) {
    const start = starts[image];
    const end = starts[image + 1];
    for (let c = 0; c < classes; c++) {
      let sum = bias[c];
      for (let k = start; k < end; k++) sum += values[k] * weight[c * pixels + columns[k]];
      row[c] = sum;
    }
    loss += softmax(row, labels[image]);
    if (!grads) continue;
    row[labels[image]] -= 1;
    for (let c = 0; c < classes; c++) {
      const error = row[c] / batch.length;
      grads.bias[c] += error;
      for (let k = start; k < end; k++) grads.weight[c * pixels + columns[k]] += values[k] * error;
    }
  }
  return loss / batch.length;
}

function finalLoss(name: string, options: Options, averages = false): number {
  const optimizer = makers[name](shapes, options);
  const average = averages ? ema(optimizer) : undefined;
  const batches = new Batches(labels.length, BATCH, mulberry32(1));
  for (let t = 0; t < STEPS; t++) {
    lossOf(optimizer.params, batches.next(), optimizer.grads);
    optimizer.step();
    average?.update();
  }
  optimizer.eval();
  average?.swap();
  return lossOf(optimizer.params, everyone);
}

/** The least loss of a grid of fixed rates that is fine enough for there to be none much less between them, or beyond. */
function bestOf(name: string, options: Options, lrs: readonly number[]): number {
  const losses = lrs.map((lr) => finalLoss(name, { ...options, lr }));
  const best = Math.min(...losses);
  const at = losses.indexOf(best);
  for (const neighbour of [at - 1, at + 1]) expect(losses[neighbour]).toBeLessThan(1.02 * best);
  return best;
}

const TIMEOUT = 300_000;
let adam = 0;

beforeAll(() => {
  const lrs = [1e-3, 1.5e-3, 1.75e-3, 2e-3, 2.5e-3];
  adam = isLong ? bestOf("adam", {}, lrs) : finalLoss("adam", { lr: lrs[2] });
}, TIMEOUT);

const decaying = { lr: polynomialDecay({ init: 1, steps: STEPS }) };

type Run = [name: string, options: Options, averages?: boolean];

/**
 * `npm test` tries the first, against the middle one of Adam's rates. Measured: 0.898, 0.952, 0.988, 0.945, 0.920, 0.953, 1.012. The last
 * says little: Adam at 1e-3, where adamHd begins, is at 1.013.
 */
const near: Run[] = [
  ["prodigy", decaying],
  ["dadaptAdam", decaying],
  ["dog", {}, true],
  ["dowg", {}, true],
  ["scheduleFreeSgd", {}],
  ["scheduleFreeAdamw", {}],
  ["adamHd", {}],
];

describe("within 2 % of Adam at its best", () => {
  test.each(isLong ? near : near.slice(0, 1))("%s", (name, options, averages) => {
    expect(finalLoss(name, options, averages)).toBeLessThan(1.02 * adam);
  });
});

/**
 * SGD cannot, whatever finds its lr: at the best of fixed ones it is 4.5 % above Adam. So sgdHd is held to that, with the momentum and the
 * rates that the paper gives for this model: measured 1.040. At its default hypergradLr the lr hardly moves, from 0.0010 to 0.0021.
 */
if (isLong)
  test(
    "sgdHd comes within 5 % of SGD at its best, which is not within 2 % of Adam",
    () => {
      const ball = { momentum: 0.9, nesterov: true };
      const sgd = bestOf("sgd", ball, [0.01, 0.015, 0.02]);
      expect(sgd).toBeGreaterThan(1.02 * adam);
      expect(finalLoss("sgdHd", { ...ball, lr: 1e-3, hypergradLr: 1e-3 })).toBeLessThan(1.05 * sgd);
    },
    TIMEOUT,
  );
