import { adamw, ema, lbfgs, lookahead, muon, sam } from "../src/index.ts";
import { markdown, nanoseconds, ratio } from "./markdown.ts";
import { timeAll } from "./progress.ts";
import { fillUniform, seeded } from "./random.ts";
import { type Effort, stopwatch } from "./stopwatch.ts";

const SIDE = 256;
const ELEMENTS = SIDE * SIDE;
const shapes = [[SIDE, SIDE]];

type BackendName = "wasm" | "plain";

/** A step that is more than a sweep over its arrays, in ns a parameter. */
export interface StepTimes {
  readonly name: string;
  readonly plain: number;
  readonly wasm: number;
}

interface Row {
  readonly name: string;
  /** What does one step. */
  readonly step: (backend: BackendName) => () => void;
}

const lr = 1e-6;

/** AdamW with whatever is wanted besides. */
const adamwWith = (backend: BackendName, options = {}) => {
  const optimizer = adamw(shapes, { lr, backend, ...options });
  seeded(optimizer);
  return optimizer;
};

const before = (name: string, options: object): Row => ({
  name: `adamw, ${name}`,
  step(backend) {
    const optimizer = adamwWith(backend, options);
    return () => optimizer.step();
  },
});

const after = (name: string, averaging: (optimizer: ReturnType<typeof adamwWith>) => { update(): void }): Row => ({
  name: `adamw, then ${name}`,
  step(backend) {
    const optimizer = adamwWith(backend);
    const average = averaging(optimizer);
    return () => {
      optimizer.step();
      average.update();
    };
  },
});

const rows: readonly Row[] = [
  before("nothing else", {}),
  before("clipTensorNorm", { clipTensorNorm: 1 }),
  before("clipAdaptive", { clipAdaptive: 0.01 }),
  before("centralize", { centralize: true }),
  before("gradNoise", { gradNoise: 1e-3 }),
  after("ema", ema),
  after("lookahead", (optimizer) => lookahead(optimizer, { every: 1 })),
  {
    name: "adamw in sam",
    step(backend) {
      const minimisation = sam(adamwWith(backend));
      return () => minimisation.step(() => {});
    },
  },
  {
    name: "lbfgs, 10 changes kept",
    step(backend) {
      const optimizer = lbfgs(shapes, { lr: 1e-5, maxIter: 1, historySize: 10, toleranceChange: 0, backend });
      const [p, g] = [optimizer.params[0], optimizer.grads[0]];
      fillUniform(p, 1);
      // Of half the squared norm, for a closure that takes next to no time.
      const closure = () => {
        g.set(p);
        return 1;
      };
      return () => optimizer.step(closure);
    },
  },
  {
    name: "muon",
    step(backend) {
      const optimizer = muon(shapes, { lr, backend });
      seeded(optimizer);
      return () => optimizer.step();
    },
  },
];

export function timeSteps(effort: Effort): StepTimes[] {
  const times = timeAll("steps", rows, Math.ceil(effort.rounds / 3), ({ step }) => ({
    plain: stopwatch(step("plain"), ELEMENTS, effort),
    wasm: stopwatch(step("wasm"), ELEMENTS, effort),
  }));
  return rows.map(({ name }, i) => ({ name, ...times[i] }));
}

export function stepsTable(times: readonly StepTimes[]): string {
  return markdown(
    [`${SIDE} × ${SIDE}`, "plain TS", "WASM", "plain TS : WASM"],
    times.map(({ name, plain, wasm }) => [name, nanoseconds(plain), nanoseconds(wasm), ratio(plain, wasm)]),
  );
}
