/** What test/fixtures/lbfgs.json holds and how far lbfgs is from it: for test/lbfgs.test.ts and scripts/parity.ts. */
import { readFileSync } from "node:fs";
import { type BackendName, type Dtype, type Lbfgs, type LbfgsOptions, lbfgs } from "../src/index.ts";
import { type Loss, logisticOf, losses, negated } from "./losses.ts";
import { largestError } from "./parity.ts";

type Row = readonly number[];

interface Step {
  readonly loss: number;
  readonly func_evals: number;
  readonly n_iter: number;
  readonly params: Row;
}

export interface Case {
  readonly loss: string;
  readonly options: LbfgsOptions;
  readonly f64: readonly Step[];
  readonly f32?: readonly Step[];
}

interface Fixture {
  readonly torch: string;
  readonly scipy: string;
  readonly features: readonly Row[];
  readonly labels: Row;
  readonly starts: Readonly<Record<string, Row>>;
  readonly minima: readonly { loss: string; start: Row; minimizer: Row; minimum: number }[];
  readonly cases: readonly Case[];
}

export const fixture: Fixture = JSON.parse(readFileSync(new URL("./fixtures/lbfgs.json", import.meta.url), "utf8"));

const logistic = logisticOf(fixture.features, fixture.labels);
const all: Readonly<Record<string, Loss>> = { ...losses, logistic, hill: negated(logistic) };

/** An optimizer that holds a vector in two parameters, and the closure of a loss. */
export function problem(
  name: string,
  start: Row,
  options: LbfgsOptions & { readonly dtype: Dtype },
): { readonly optimizer: Lbfgs; readonly closure: () => number; readonly x: () => number[] } {
  const loss = all[name];
  const Floats = options.dtype === "f32" ? Float32Array : Float64Array;
  const params = { a: Floats.from(start.slice(0, 1)), b: Floats.from(start.slice(1)) };
  const optimizer: Lbfgs = lbfgs(params, options);
  const { a, b } = optimizer.params as unknown as typeof params;
  const grads = optimizer.grads as unknown as typeof params;
  const x = () => [...a, ...b];
  const gradient = [...start];
  const closure = () => {
    const value = loss(x(), gradient);
    grads.a[0] = gradient[0];
    grads.b.set(gradient.slice(1));
    return value;
  };
  return { optimizer, closure, x };
}

/** The steps that torch made, made here. */
export function run({ loss, options, f64 }: Case, dtype: Dtype, backend: BackendName): Step[] {
  const { optimizer, closure, x } = problem(loss, fixture.starts[loss], { ...options, dtype, backend });
  return f64.map(() => {
    const value = optimizer.step(closure);
    return { loss: value, func_evals: optimizer.funcEvals, n_iter: optimizer.nIter, params: x() };
  });
}

/** Iterations after which rounding has grown so much that two programs need not agree. */
export const COMPARED: Readonly<Record<Dtype, number>> = { f32: 5, f64: 20 };

/** The largest error of losses and parameters in the first iterations of a run; 0 where nothing is recorded. */
export function error(row: Case, dtype: Dtype, actual: readonly Step[]): number {
  const expected = (row[dtype] ?? []).filter(({ n_iter }) => n_iter <= COMPARED[dtype]);
  const errorOf = (pick: (step: Step) => Row, start: Row) =>
    largestError(actual.map(pick), expected.map(pick), start, dtype);
  return Math.max(
    errorOf(({ loss }) => [loss], [0]),
    errorOf(({ params }) => params, fixture.starts[row.loss]),
  );
}
