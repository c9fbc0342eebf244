/** `npx tsx examples/find-lr`: a range test on MNIST, and what it suggests. */
import { mkdirSync, writeFileSync } from "node:fs";
import * as Plot from "@observablehq/plot";
import * as asciichart from "asciichart";
import { constant, lrRangeTest, type RangeTest } from "../../src/index.ts";
import { plotCurve, textCurve } from "../../src/plot/index.ts";
import { run } from "../flags.ts";
import { Batches } from "../mnist/batches.ts";
import { loadMnist } from "../mnist/data.ts";
import { lossText, short } from "../mnist/format.ts";
import { BATCH, Network } from "../mnist/network.ts";
import { mulberry32 } from "../mnist/random.ts";
import { optimizers } from "../mnist/recipes.ts";
import { document, page } from "../picture.ts";
import { progressBar } from "../progress-bar.ts";
import { type Flags, HELP, readFlags } from "./flags.ts";

run((args) => {
  const flags = readFlags(args);
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  show(test(flags));
  return 0;
});

/** The range test, with a bar on stderr. */
function test({ steps, seed }: Flags): RangeTest {
  const { train } = loadMnist();
  const random = mulberry32(seed);
  const { lr, make } = optimizers.momentum;
  const optimizer = make({ lr: constant({ value: lr }), backend: "auto" });
  const network = new Network(optimizer.params, optimizer.grads, random);
  const batches = new Batches(train.labels.length, BATCH, random);
  const bar = progressBar("lr {lr}: loss {loss}");
  bar.start(steps, 0, { lr: "–", loss: "–" });
  try {
    return lrRangeTest(optimizer, () => network.backward(train, batches.next()), {
      steps,
      progress: ({ step, lr, smoothed }) => bar.update(step + 1, { lr: short(lr), loss: lossText(smoothed) }),
    });
  } finally {
    bar.stop();
  }
}

function show({ lrs, losses, smoothed, suggestions, suggestion, ended, confidence }: RangeTest): void {
  const title = "Range test of SGD with momentum on MNIST";
  const curves = { loss: { x: lrs, y: losses }, smoothed: { x: lrs, y: smoothed } };
  const sound = Object.entries(suggestions).filter(([, found]) => found?.beforeRise);
  const marks = Object.fromEntries(sound.map(([rule, found]) => [rule, found?.lr]));
  const options = { title, xLabel: "learning rate", yLabel: "loss", logX: true, logY: true, marks };
  const color = process.stdout.isTTY && process.stdout.hasColors();
  console.log(textCurve(asciichart, curves, { ...options, color }));
  const choice = suggestion ? `Take lr ${short(suggestion.lr)} (by the rule "${suggestion.rule}")` : "No rate to take";
  console.log(`\n${choice}, confidence: ${confidence}. Ended: ${ended} after ${lrs.length} rates.\n`);
  mkdirSync("build", { recursive: true });
  writeFileSync("build/find-lr.svg", `${plotCurve(Plot, curves, { ...options, document })}\n`);
  writeFileSync("build/find-lr.html", page(title, plotCurve(Plot, curves, { ...options, document, hover: true })));
  console.log("build/find-lr.svg\nbuild/find-lr.html");
}
