/** What the fixtures hold and how far an optimizer is from them: for test/parity.test.ts and scripts/parity.ts. */
import { readFileSync } from "node:fs";
import {
  type BackendName,
  type Dtype,
  ema,
  lookahead,
  type Optimizer,
  type ScheduleJSON,
  sam,
  scheduleFromJSON,
  swa,
} from "../src/index.ts";
import { makers } from "./makers.ts";

type Row = readonly number[];
/**
 * One row a recorded step: the parameter's under "param", its state's under PyTorch's names, what a wrapper has beside it under "shadow",
 * the weights to evaluate with under "evaluated".
 */
type Recording = Readonly<Record<string, readonly Row[]>>;
type ByParam<T> = { readonly [param: string]: T };
type Options = { readonly [option: string]: unknown; readonly groups?: readonly Options[] };

/** Who made a case: a package or repository, its version or commit, and what the script did by hand. */
export interface Reference {
  readonly package: string;
  readonly version: string;
  readonly hand?: string;
}

interface Head {
  readonly torch: string;
  /** The steps that are recorded, from 1. */
  readonly recorded: readonly number[];
  /** Of parameters that are no vectors. */
  readonly shapes?: ByParam<Row>;
  readonly initial: ByParam<Row>;
  /** One a step. */
  readonly gradients: readonly ByParam<Row>[];
}

interface Recorded {
  readonly optimizer: string;
  readonly options: Options;
  /** What a case is about, if not the optimizer: a wrapper or an option. */
  readonly subject?: string;
  /** The options of the wrapper that it is about. */
  readonly wrapped?: Options;
  readonly f32: ByParam<Recording>;
  /** Absent where the reference computes in f32 only. */
  readonly f64?: ByParam<Recording>;
}
export type Case = Recorded & { readonly head: Head; readonly reference: Reference };

interface Fixtures extends Head {
  readonly cases: readonly (Recorded & { readonly reference?: Reference })[];
  readonly schedules?: readonly { readonly json: ScheduleJSON; readonly torch: string; readonly values: Row }[];
}

function fixtures(name: string): Fixtures {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8"));
}

const torch = fixtures("torch");
// What make_tfjs.mjs ran began with torch.json's numbers.
const files = [
  torch,
  fixtures("catalogue"),
  fixtures("free"),
  fixtures("matrices"),
  fixtures("keras"),
  fixtures("wrappers"),
  { ...torch, schedules: [], ...fixtures("tfjs") },
];

export const schedules = files.flatMap(({ schedules = [] }) => schedules);

/** All cases; torch.json leaves its reference out, which is PyTorch. */
export const cases: readonly Case[] = files.flatMap(({ cases, ...head }) =>
  cases.map((row) => ({ head, reference: { package: "torch", version: head.torch }, ...row })),
);

/** Options with schedules in place of their JSON. */
function revive({ groups, ...options }: Options): object {
  const alive = (value: unknown) => (typeof value === "object" ? scheduleFromJSON(value as ScheduleJSON) : value);
  const own = Object.entries(options).map(([key, value]) => [key, alive(value)]);
  return { ...Object.fromEntries(own), ...(groups && { groups: groups.map(revive) }) };
}

type Run = Optimizer<ByParam<Float32Array | Float64Array>>;
type Step = (gradient: ByParam<Row>) => void;
type Shadow = Pick<ReturnType<typeof ema>, "save">;

/** What wrappers do at a step. The gradients of sam's cases are curvatures: what the parameters are multiplied by, for a closure. */
const wrappers: Readonly<Record<string, (optimizer: Run, options: object) => { step: Step; shadow?: Shadow }>> = {
  ema: (optimizer, options) => updating(optimizer, ema(optimizer, options)),
  swa: (optimizer) => updating(optimizer, swa(optimizer)),
  lookahead: (optimizer, options) => updating(optimizer, lookahead(optimizer, options)),
  sam(optimizer, options) {
    const { params, grads } = optimizer;
    const around = sam(optimizer, options);
    const step: Step = (curvature) =>
      around.step(() => {
        for (const [key, grad] of Object.entries(grads)) grad.set(params[key].map((x, i) => curvature[key][i] * x));
      });
    return { step };
  },
};

function updating(optimizer: Run, shadow: Shadow & { update(): void }): { step: Step; shadow: Shadow } {
  const step: Step = (gradient) => {
    optimizer.step(gradient);
    shadow.update();
  };
  return { step, shadow };
}

/** The weights to evaluate with; those to train are restored to the bit. */
function evaluated(optimizer: Run): ByParam<Row> {
  const saved = optimizer.save();
  optimizer.eval();
  const rows = Object.entries(optimizer.params).map(([key, x]) => [key, [...x]]);
  optimizer.load(saved);
  return Object.fromEntries(rows);
}

/** Runs an optimizer over the gradients and records what the fixture does. */
export function run(row: Case, dtype: Dtype, backend: BackendName): ByParam<Recording> {
  const { optimizer: name, options, subject = "", wrapped, head } = row;
  const { initial, gradients, recorded, shapes } = head;
  const floats = (x: Row) => (dtype === "f32" ? Float32Array.from(x) : Float64Array.from(x));
  const params = Object.fromEntries(Object.entries(initial).map(([key, x]) => [key, floats(x)]));
  const optimizer: Run = makers[name](params, { ...revive(options), shapes, backend });
  const alone = { step: (gradient: ByParam<Row>) => optimizer.step(gradient), shadow: undefined };
  const { step, shadow } = wrapped ? wrappers[subject](optimizer, wrapped) : alone;
  const evaluates = Object.values(row.f32).some((slots) => "evaluated" in slots);
  const record: ByParam<Record<string, Row[]>> = Object.fromEntries(Object.keys(params).map((key) => [key, {}]));
  gradients.forEach((gradient, i) => {
    step(gradient);
    if (!recorded.includes(i + 1)) return;
    const besides = {
      ...(shadow && { shadow: shadow.save().params }),
      ...(evaluates && { evaluated: evaluated(optimizer) }),
    };
    for (const [key, rows] of Object.entries(record)) {
      const beside = Object.entries(besides).map(([slot, all]) => [slot, all[key]] as const);
      const now = { param: optimizer.params[key], ...optimizer.state(key), ...Object.fromEntries(beside) };
      for (const [slot, x] of Object.entries(now)) rows[slot] = [...(rows[slot] ?? []), [...x]];
    }
  });
  return record;
}

export const relative = (error: number, scale: number): number => (error === 0 ? 0 : error / scale);

/**
 * The largest error, relative to the largest magnitude that the element has had: the rounding errors of a sum stay as
 * large as its terms were, also where the sum itself comes near 0.
 */
export function largestError(actual: readonly Row[], expected: readonly Row[], start: Row, dtype: Dtype): number {
  const round = dtype === "f32" ? Math.fround : Number;
  const scale = start.map(Math.abs);
  let largest = 0;
  expected.forEach((row, t) => {
    row.forEach((value, i) => {
      scale[i] = Math.max(scale[i], Math.abs(value));
      largest = Math.max(largest, relative(Math.abs(actual[t][i] - round(value)), scale[i]));
    });
  });
  return largest;
}

/** The largest error of each array, its parameter's name before its own. */
export function errors(row: Case, dtype: Dtype, backend: BackendName): Readonly<Record<string, number>> {
  const actual = run(row, dtype, backend);
  return Object.fromEntries(
    Object.entries(row[dtype] ?? {}).flatMap(([key, recording]) =>
      Object.entries(recording).map(([slot, rows]) => {
        const start = slot === "param" ? row.head.initial[key] : rows[0].map(() => 0);
        return [`${key}.${slot}`, largestError(actual[key][slot], rows, start, dtype)];
      }),
    ),
  );
}

/** What a case is called: its reference, its optimizer, its options. */
export const titled = ({ reference, optimizer, options, subject, wrapped }: Case): string =>
  [
    `${nameOf(reference)} ${reference.version}:`,
    subject,
    wrapped && JSON.stringify(wrapped),
    optimizer,
    JSON.stringify(options),
  ]
    .filter((part) => part !== undefined)
    .join(" ");

export const nameOf = ({ package: name, hand }: Reference): string => (hand ? `${name}, ${hand}` : name);
