/** docs/schedules.md: other houses' schedules by their names, and how far they are from them. `npx tsx scripts/houses.ts` writes it. */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isSchedule, type Schedule, type ScheduleJSON } from "../src/schedules/core/schedule.ts";
import { type Case, called, error, type House, houses, isCall, jsonOf } from "../test/houses.ts";
import { code, table } from "./tables.ts";

/** The library's schedules that a schedule is made of, from the outside in. */
function parts({ schedule, ...options }: ScheduleJSON): string[] {
  const inner = Object.values(options).flat().filter(isJSON).flatMap(parts);
  return [...new Set([schedule, ...inner])];
}

const isJSON = (value: unknown): value is ScheduleJSON =>
  typeof (value as ScheduleJSON | null | undefined)?.schedule === "string";

function madeOf(house: House, rows: readonly Case[]): string {
  const names = rows.flatMap((row) => {
    const made = called(house, row);
    if (!isSchedule(made)) return [];
    const json = jsonOf(made);
    if (json === undefined) return ["the value before"];
    const given = new Set(row.arguments.flatMap((value) => partsOf(house, value)));
    return parts(json)
      .filter((name) => !given.has(name))
      .map(code);
  });
  return [...new Set(names)].join(", ");
}

/** The same of an argument that is made of schedules itself. */
function partsOf(house: House, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => partsOf(house, one));
  if (!isCall(value)) return [];
  const json = jsonOf(called(house, value) as Schedule);
  return json ? parts(json) : [];
}

function row(house: House, preset: string, cases: readonly Case[]): string[] {
  const own = cases.filter((row) => row.preset === preset);
  const of = own[0].metrics ? "follows a metric" : madeOf(house, own);
  const largest = Math.max(...own.map((row) => error(house, row, "plain")));
  return [code(preset), of, String(own.length), largest === 0 ? "0" : largest.toExponential(1)];
}

export function page(): string {
  const sections = houses.map(({ name, presets, cases, package: source, version }) => {
    const names = Object.keys(presets).sort();
    const rows = names.map((preset) => row(presets, preset, cases));
    return `## thalweg/schedules/${name}

${source} ${version}:

${table(["", "made of", "cases", "error"], rows)}
`;
  });
  return `# Other houses' schedules

Made by \`npx tsx scripts/houses.ts\`; \`test/houses.test.ts\` fails when it is not up to date.

Names, arguments, defaults and indices are the house's, in camelCase: \`CosineDecay(initial_learning_rate=0.1, decay_steps=1000)\` is
\`cosineDecay({ initialLearningRate: 0.1, decaySteps: 1000 })\` from \`thalweg/schedules/keras\`. Where Python has an optimizer stands its lr:
\`StepLR(optimizer, step_size=30)\` is \`stepLR(0.05, { stepSize: 30 })\` from \`thalweg/schedules/torch\`. All but those that follow a metric are
made of the library's own schedules, whose JSON they have, but for what torch knows no closed form of either, where every
value is made of the one before: \`multiplicativeLR\`, \`chainedScheduler\` of others than those that multiply, and \`sequentialLR\` where one goes on
from another's lr. These have no JSON, and to sample them takes all values from index 0 on.

A group that has an lr of its own in Python's lists has a schedule of its own. torch's CyclicLR and OneCycleLR also cycle the momentum: that is a
schedule, too, of the same options, as in \`momentum: oneCycleMomentum(options)\` beside \`lr: oneCycleLR(options)\`.

Unlike there:

- Restarts are at their index. torch, asked for an epoch, Keras and transformers find them by rounded numbers, that are now and then an index
  off.
- torch's OneCycleLR extrapolates once before it throws; here it throws at once. With three phases its pctStart must be at most ½. Two of
  one optimizer have their own lrs, where torch's both have the last's.
- In torch every scheduler of an optimizer takes the lr that it finds. Here each is made with it, and that it is the same is checked:
  after a CyclicLR, if that is first, its baseLr, and after a OneCycleLR its maxLr / divFactor.
- A SequentialLR takes no ChainedScheduler and no other SequentialLR. torch refuses them after the first, or steps them once too often.
- Refused, though torch takes them: ConstantLR's, LinearLR's and PolynomialLR's total_iters of 0, a factor of 0 (by which it divides later), a gamma of 0, CyclicLR's step sizes that are not whole, a SequentialLR's
  milestones that are not in order, ReduceLROnPlateau's min_lr of no less than the lr, which is then never reduced, and a relative threshold
  of 1 or more.
- A relative threshold of a metric is a share of the best's size. torch and optax get that wrong where the best is negative.
- Keras's ReduceLROnPlateau has no \`monitor\`, as it is told its metric, and therefore no mode "auto", its default, which goes by that name: "min" is
  the default here. Nor are there \`verbose\` and the schedules' \`name\`, nor torch's last_epoch: the index says it.
- transformers' get_adafactor_schedule is left out: it reports the lr that its Adafactor has found, and is no schedule.
- A patience of 0 is refused where optax takes it for a reduction at whatever is better.

A case is one set of arguments over 18 to 60 indices, or 120 metrics, in double precision. An error is relative to the largest magnitude until
then; the largest of all cases stands here. One unit in the last place is 2.2e-16. \`test/fixtures/make_houses.py\` ran the houses.

${sections.join("\n")}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync("docs/schedules.md", page());
