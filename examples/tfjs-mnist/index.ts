/** `npx tsx examples/tfjs-mnist`: a model of TensorFlow.js, with its Adam and with this library's optimizers. */
import { run } from "../flags.ts";
import { loadMnist } from "../mnist/data.ts";
import { lossText, percent, stepsText } from "../mnist/format.ts";
import { BATCH } from "../mnist/network.ts";
import { progressBar } from "../progress-bar.ts";
import { table } from "../table.ts";
import { type Flags, HELP, readFlags } from "./flags.ts";
import { recipes } from "./recipes.ts";
import { type Outcome, Training } from "./training.ts";

run(async (args) => {
  const flags = readFlags(args);
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const { steps, seed } = flags;
  console.log(`MNIST with TensorFlow.js on its wasm backend: ${stepsText(steps)} of ${BATCH} images, seed ${seed}.\n`);
  console.log(resultTable(await trainAll(flags)));
  return 0;
});

/** All in turns, a batch each, so that whatever slows the machine slows them alike. A bar is on stderr. */
async function trainAll({ steps, seed }: Flags): Promise<ReadonlyMap<string, Outcome>> {
  const data = loadMnist();
  const makers = recipes(steps);
  const begin = () => makers.map(({ label, make }) => ({ label, training: new Training(make, data, seed) }));
  // The first step of all pays for what is compiled and made once.
  for (const { training } of begin()) {
    await training.step();
    training.dispose();
  }
  const turns = begin();
  const bar = progressBar("{label}: loss {loss}");
  bar.start(steps * turns.length, 0, { label: "–", loss: "–" });
  for (let step = 0; step < steps; step++) {
    for (const { label, training } of turns) bar.increment({ label, loss: lossText(await training.step()) });
  }
  bar.stop();
  return new Map(turns.map(({ label, training }) => [label, training.outcome()]));
}

function resultTable(outcomes: ReadonlyMap<string, Outcome>): string {
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(2);
  return table(
    ["", "test accuracy", "training, s", "optimizer, s", "tensors before", "after"],
    Array.from(
      outcomes,
      ([
        label,
        {
          accuracy,
          time,
          stepTime,
          tensors: { before, after },
        },
      ]) => {
        return [label, percent(accuracy, 2), seconds(time), seconds(stepTime), String(before), String(after)];
      },
    ),
  );
}
