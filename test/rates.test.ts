import { describe, expect, test } from "vitest";
import { adamw, diagnose, lrRangeTest, type Optimizer, type Report, sgd } from "../src/index.ts";
import { heldOut } from "./held-out.ts";
import { isLong, runs } from "./long.ts";
import { dense, logistic, Net, relu, squares } from "./nets.ts";
import { gaussian, random } from "./quadratics.ts";
import { type Known, known, type Outcome, train } from "./runs.ts";

/** Those with which thresholds were chosen, and others: some 60 runs, and 1,000 in the long suite. */
const chosen = known(runs(3, 45));
const others = known(runs(3, 45), heldOut);

const RATIOS = [1 / 1000, 1 / 100, 1 / 30, 1 / 10, 1 / 2, 1, 2, 10, 30, 100, 1000];

type Verdict = Report["verdict"];

/** What may be said of a rate that is `ratio` times the best, by that and by how much of what there was to fall was left. */
function allowed(ratio: number, { began, ended }: Outcome, lowest: number): readonly Verdict[] {
  const left = Number.isFinite(ended) ? (ended - lowest) / (began - lowest) : Infinity;
  if (ratio >= 1 && left > 1) return ["too high"];
  if (ratio < 0.05) return left < 0.02 ? ["too low", "sound"] : ["too low"];
  if (ratio < 0.4) return ["too low", "sound"];
  if (ratio < 3) return left > 0.3 ? ["sound", "too high"] : ["sound"];
  return ratio < 25 || left < 0.3 ? ["sound", "too high"] : ["too high"];
}

function diagnosed({ task, best, lowest }: Known, ratio: number) {
  let diagnosis: ReturnType<typeof diagnose> | undefined;
  const outcome = train(task, best * ratio, (optimizer) => {
    const made = diagnose(optimizer);
    diagnosis = made;
    return (loss) => made.update(loss);
  });
  const { verdict, text } = (diagnosis as NonNullable<typeof diagnosis>).report();
  const right = allowed(ratio, outcome, lowest).includes(verdict);
  return { ratio, verdict, right, name: `${task.name}, ${ratio} of the best`, text };
}

describe.each([
  ["models and optimizers that thresholds were chosen on", chosen],
  ["others", others],
])("of %s", (_, tasks) => {
  test("diagnose is right on 9 of 10 runs whose best rate is known, and never the wrong way round", () => {
    const all = tasks.flatMap((one) => RATIOS.map((ratio) => diagnosed(one, ratio)));
    // The best is known to a factor of 2.
    const reversed = ({ ratio, verdict }: (typeof all)[number]) =>
      (verdict === "too high" && ratio < 0.11) || (verdict === "too low" && ratio > 2);
    expect(all.filter(reversed)).toEqual([]);
    const wrong = all.filter(({ right }) => !right);
    expect(1 - wrong.length / all.length, JSON.stringify(wrong)).toBeGreaterThanOrEqual(0.9);
    // What is said of groups does not contradict what is said of the whole.
    for (const { text, name } of all) if (/not always finite/.test(text)) expect(text, name).not.toMatch(/: sound/);
  });
});

/** The rate that a range test says to take by the best of whole runs; undefined where that is beyond all that are tried. */
function taken({ task, best }: Known, steps: number): number | undefined {
  if (best > 4) return undefined;
  const { optimizer, loss } = task.start(0.1);
  const { suggestion } = lrRangeTest(optimizer, (step) => loss(step), { steps });
  optimizer.dispose();
  return (suggestion?.lr ?? NaN) / best;
}

test.each([100, 200])(
  "a range test of %i steps says to take a rate near the best, and seldom one above it",
  (steps) => {
    const share = (tasks: readonly Known[], holds: (ratio: number) => boolean) => {
      const ratios = tasks.flatMap((one) => taken(one, steps) ?? []);
      return ratios.filter(holds).length / ratios.length;
    };
    // Of the others many begin with other steps than they go on with, which a test that is short takes for the whole: it then errs on the low side.
    expect(share(chosen, (ratio) => ratio > 1 / 30 && ratio < 2)).toBeGreaterThanOrEqual(isLong ? 0.9 : 0.6);
    expect(share([...chosen, ...others], (ratio) => !(ratio > 2))).toBeGreaterThanOrEqual(isLong ? 0.95 : 0.8);
  },
);

/** Logistic regression whose weights begin at 0, the bias a group of its own, as is usual with weight decay. */
test.each([1e-7, 1e-6, 1e-5])("an lr of %f that is far too low is not too high because a bias began at 0", (lr) => {
  const next = random(4);
  const net = new Net([dense("a", [20, 1], 0, next)], logistic);
  const truth = Array.from({ length: 20 }, () => gaussian(next));
  for (const groups of [[], [{ match: "a.b", weightDecay: 0 }]])
    for (const make of [adamw, sgd]) {
      const optimizer = (make as typeof adamw)(net.weights, { lr, groups }) as Optimizer;
      const evaluate = net.bind(optimizer.params as never, optimizer.grads as never);
      const diagnosis = diagnose(optimizer);
      for (let k = 0; k < 200; k++) {
        const x = Float64Array.from({ length: 160 }, () => gaussian(next));
        const y = Float64Array.from(
          { length: 8 },
          (_, r) => +(truth.reduce((s, t, i) => s + t * x[20 * r + i], 0) > 0),
        );
        const loss = evaluate(x, y);
        optimizer.step();
        diagnosis.update(loss);
      }
      const { verdict, groups: reports } = diagnosis.report();
      expect([verdict, ...reports.map(({ verdict }) => verdict)]).not.toContain("too high");
      expect(verdict).toBe("too low");
    }
});

test("a network that died of its rate is not sound in any group, nor where a loss was not finite", () => {
  const next = random(2);
  for (const [lr, burst] of [
    [30, false],
    [1e-3, true],
  ] as const) {
    const layers = [dense("a", [4, 16], 1, next), relu, dense("z", [16, 1], 1, next)];
    const net = new Net(layers, squares);
    const optimizer: Optimizer = adamw(net.weights, { lr, groups: [{ match: /b$/, weightDecay: 0 }] });
    const evaluate = net.bind(optimizer.params as never, optimizer.grads as never);
    const diagnosis = diagnose(optimizer);
    const x = Float64Array.from({ length: 256 }, () => gaussian(next));
    for (let k = 0; k < 100; k++) {
      const loss = evaluate(x, x.subarray(0, 64));
      optimizer.step();
      diagnosis.update(burst && k === 50 ? NaN : loss);
    }
    const { verdict, text } = diagnosis.report();
    expect(verdict).toBe("too high");
    expect(text).not.toMatch(/: sound/);
  }
});
