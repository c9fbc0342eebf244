import { beforeAll, describe, expect, test } from "vitest";
import { errorsOf, type Statement } from "./statements.ts";

const statements: readonly Statement[] = [
  ["adam({ w: [2, 3] }, { lr: 0.1, beta1: 0.8, amsgrad: true })", undefined],
  ["adam({ w: [2] }, { betta1: 0.9 })", "'betta1' does not exist"],
  ['adam({ w: [2] }, { lr: "0.1" })', "Type 'string' is not assignable"],
  ["adam({ w: [2] }, { momentum: 0.9 })", "'momentum' does not exist"],
  ["sgd({ w: [2] }, { nesterov: 1 })", "Type 'number' is not assignable"],
  ["sgd({ w: [2] }, { momentum: (k: number) => k })", undefined],
  ["adagrad({ w: [2] }, { initialAccumulatorValue: (k: number) => k })", "is not assignable to type 'number'"],
  ['adam({ w: [2] }, { backend: "gpu" })', "is not assignable"],
  ["adam({ w: [2] }, { groups: [{ match: /w/, lr: 1 }] })", undefined],
  ["adam({ w: [2] }, { groups: [{ lr: 1 }] })", "Property 'match' is missing"],
  ['adam({ w: [2] }, { groups: [{ match: "w", clipNorm: 1 }] })', "'clipNorm' does not exist"],
  ["adam({ w: new Int32Array(2) })", "is not assignable"],
  ["const x: Float32Array = adam({ w: [2] }).params.w", undefined],
  ["const x: Float64Array = adam({ w: [2] }).params.w", "is not assignable"],
  ['const x: Float64Array = adam({ w: [2] }, { dtype: "f64" }).params.w', undefined],
  ["const x: Float64Array = adam({ w: new Float64Array(2) }).grads.w", undefined],
  ["const x: Float32Array = adam([[2], [3, 4]]).params[1]", undefined],
  ["adam([[2], [3, 4]]).params[2]", "has no element at index '2'"],
  ["adam({ w: [2] }).params.v", "Property 'v' does not exist"],
  ["adam({ w: [2] }).step({ w: [1, 2] })", undefined],
  ["adam({ w: [2], b: [1] }).step({ w: [1, 2] })", "Property 'b' is missing"],
  ['adam({ w: [2] }).hyper("beta1")', undefined],
  ['adam({ w: [2] }).hyper("momentum")', "is not assignable"],
  ['adam({ w: [2] }).state("w").exp_avg[0]', undefined],
  ["const x: Float32Array = adam([[3], [2, 2]]).state(0).exp_avg", undefined],
  ['adam({ w: [2] }).state("w").square_avg', "Property 'square_avg' does not exist"],
  ['adam({ w: [2] }).state("v")', "is not assignable"],
  ['const d: number = prodigy({ w: [2] }).carried("w").d', undefined],
  ['prodigy({ w: [2] }).carried("w").lr', "Property 'lr' does not exist"],
  ['prodigy({ w: [2] }).carried("w").d = 1', "read-only"],
  ['adam({ w: [2] }).carried("w").d', "Property 'd' does not exist"],
  ['prodigy({ w: [2] }, { d0: 1, groups: [{ match: "w", eps: 1 }] })', undefined],
  ['prodigy({ w: [2] }, { groups: [{ match: "w", d0: 1 }] })', "'d0' does not exist"],
  ["adam({ w: [2] }).stepCount = 3", "read-only"],
  ["const x: Promise<number> = sam(adam({ w: [2] })).step(async () => 1)", undefined],
  ["sam(lbfgs({ w: [2] }))", "is not assignable"],
  ["adam({ w: [2] }, {}, {})", "Expected 1-2 arguments"],
  ["adam({ w: [2] }, 0.1)", "has no properties in common"],
  ["adam({ w: [2] }, new Map())", "has no properties in common"],
  ["adam({ w: [2] }, [])", "has no properties in common"],
  ["map((k) => k, 1, 2)", "target allows only 2"],
  ["clamp(map((k) => k), 0.1, 0.5)", "Expected 2 arguments"],
  ["clamp(map((k) => k), 0.1)", "has no properties in common"],
  ["warmup(map((k) => k), { steps: 1 }, 0.1)", "Expected 2 arguments"],
  ["sample(map((k) => k), { count: 1 }, 2)", "Expected 2 arguments"],
  ["stepDecay({ init: 1, rate: 0.5, every: 3 }, 7)", "Expected 1 arguments"],
  ["ema(adam({ w: [2] }), 0.9)", "has no properties in common"],
  ["ema(adam({ w: [2] }), {}, 0.9)", "Expected 1-2 arguments"],
  ["plateau(0.1)", "has no properties in common"],
  ["torch.stepLR(0.1, { stepSize: 30 }, 0.1)", "Expected 2 arguments"],
  ["torch.stepLR(0.1, 30)", "is not assignable"],
  ["lrRangeTest(adam({ w: [2] }), () => 1, {}, 100)", "Expected 2-3 arguments"],
  ["const n: number = ema(lbfgs({ w: [2] }), { decay: 0.9 }).save().count", undefined],
  ["ema(adam({ w: [2] }), { decoy: 0.9 })", "'decoy' does not exist"],
  ["lookahead(adam({ w: [2] })).swap()", "Property 'swap' does not exist"],
  ["stepDecay({ init: 1, rate: 0.5, every: 3 })(7)", undefined],
  ["stepDecay({ init: 1, rate: 0.5 })", "Property 'every' is missing"],
  ["stepDecay({ init: 1, rate: 0.5, evry: 3 })", "'evry' does not exist"],
  ['cyclic({ min: 0, max: 1, up: 2, mode: "sawtooth" })', "is not assignable"],
  ["sample((k: number) => k, { count: 3 })", "is not assignable"],
  ["adam({ w: [2] }, { lr: cyclic({ min: 0, max: 1, up: 2 }) })", undefined],
  ["join([cyclic({ min: 0, max: 1, up: 2 }), map((k) => k * 2)], [3])(1)", undefined],
  ["map(map((k) => k), (value, k) => value * k)", undefined],
  ['map((k) => "k")', "is not assignable"],
  ["join([(k: number) => k], [])", "Property 'toJSON' is missing"],
  ["warmup(map((k) => k), { from: 1 })", "Property 'steps' is missing"],
  ['warmup(map((k) => k), { steps: 1, shape: "square" })', "is not assignable"],
  ["adam({ w: [2] }, { lr: plateau({ base: stepDecay({ init: 1, rate: 0.5, every: 3 }), patience: 3 }) })", undefined],
  ["plateau({ patience: (k: number) => k })", "is not assignable to type 'number'"],
  ['plateau({ counting: "timm" })', "is not assignable"],
  ["const x: number = plateau().scale", undefined],
  ["const x: number | undefined = lrRangeTest(adam({ w: [2] }), () => 1).suggestions.valley?.lr", undefined],
  [
    "lrRangeTest(adam({ w: [2] }), async () => 1).suggestions",
    "Property 'suggestions' does not exist on type 'Promise",
  ],
  ["lrRangeTest(adam({ w: [2] }), async () => 1).then(({ lrs }) => lrs)", undefined],
  ["lrRangeTest(adam({ w: [2] }), () => {})", "No overload matches this call"],
  ["lrRangeTest(Math.random() < 0.5 ? adam({ w: [2] }) : sgd([[3]]), () => 1).suggestions", undefined],
  ["lrRangeTest(Math.random() < 0.5 ? adam({ w: [2] }) : prodigy({ w: new Float64Array(2) }), () => 1)", undefined],
  ["(any: Optimizer) => lrRangeTest(any, async () => 1).then(({ lrs }) => lrs)", undefined],
  ["const all: Optimizer[] = [adam({ w: [2] }), prodigy([new Float64Array(2), [3]]), sgd({})]", undefined],
  ["const x: Optimizer<{ w: [2] }> = adam({ v: [2] })", "Property 'w' is missing"],
  ["lrRangeTest({ lr: 1 }, () => 1)", "No overload matches this call"],
  ["const x: number | undefined = sweep((lr, seed) => (k) => lr * seed * k, { lrs: [1], steps: 2 }).best", undefined],
  ["sweep(() => async () => 1, { lrs: [1], steps: 2 }).then(({ rows }) => rows)", undefined],
  ["sweep(async () => () => 1, { lrs: [1], steps: 2 }).best", "Property 'best' does not exist on type 'Promise"],
  ["sweep(() => () => 1, { lrs: [1] })", "No overload matches this call"],
  ["diagnose(Math.random() < 0.5 ? adam({ w: [2] }) : sgd([[3]])).report()", undefined],
  ["const x: string = diagnose(adam([[2]])).report().groups[0].params[0]", undefined],
  ['keras.rmsprop({ w: [2] }, { alpha: 0.8, centered: true, decay: "fixed" })', undefined],
  ["keras.sgd({ w: [2] }, { dampening: 0.1 })", "'dampening' does not exist"],
  ['const x: Float64Array = keras.adagrad({ w: new Float64Array(2) }).state("w").sum', undefined],
  ["tfjs.adamax({ w: [2] }, { lrDecay: 0.1 })", undefined],
  ["tfjs.adam({ w: [2] }, { weightDecay: 0.1 })", "'weightDecay' does not exist"],
  ['const x: number = lbfgs({ w: [2] }, { lineSearchFn: "strongWolfe" }).step(() => 1)', undefined],
  ["const x: Promise<number> = lbfgs({ w: [2] }).step(async () => 1)", undefined],
  ["const x: Float64Array = lbfgs([new Float64Array(2)]).params[0]", undefined],
  ["lbfgs({ w: [2] }).step()", "Expected 1 arguments"],
  ["lbfgs({ w: [2] }).step(() => {})", "is not assignable"],
  ['lbfgs({ w: [2] }, { lineSearchFn: "strong_wolfe" })', "is not assignable"],
  ["lbfgs({ w: [2] }, { maxIter: (k: number) => k })", "is not assignable"],
  ["lbfgs({ w: [2] }, { weightDecay: 1 })", "'weightDecay' does not exist"],
  ["tfOptimizer({}, adam)", "is missing the following properties"],
  ["sgd({ w: [2] }, { lr: hf.getLinearScheduleWithWarmup(1, { numWarmupSteps: 1, numTrainingSteps: 3 }) })", undefined],
  ["hf.getLinearScheduleWithWarmup(1)", "Expected 2 arguments"],
  ["hf.getConstantSchedule(1).toJSON()", undefined],
  ["optax.piecewiseConstantSchedule({ initValue: 1, boundariesAndScales: { 3: 0.5 } })(3)", undefined],
  ["optax.linearSchedule({ initValue: 1, endValue: 0 })", "Property 'transitionSteps' is missing"],
  ["decays.cosineDecay({ initialLearningRate: 1, decaySteps: 9, alhpa: 0 })", "'alhpa' does not exist"],
  ["const x: number = torch.reduceLROnPlateau(0.1).scale", undefined],
  ["torch.oneCycleLR({ maxLr: 1, epochs: 3, stepsPerEpoch: 5 }).toJSON()", undefined],
  ["torch.oneCycleLR({ maxLr: 1, epochs: 3 })", "is not assignable"],
  ["torch.oneCycleMomentum({ totalSteps: 3, maxMomentum: 0.9 })", undefined],
  ["torch.chainedScheduler([torch.constantLR(0.1), torch.stepLR(0.1, { stepSize: 3 })]).toJSON()", undefined],
  ['const x: number = hf.getScheduler("greedy", 0.1).scale', undefined],
  ['hf.getScheduler("linear", 0.1, { numWarmupSteps: 0, numTrainingSteps: 9 }).toJSON()', undefined],
  ['hf.getScheduler("sine", 0.1)', "is not assignable"],
  ['torch.reduceLROnPlateau(0.1, { thresholdMode: "relative" })', "is not assignable"],
];

const imports = [
  'import { adagrad, adam, clamp, cyclic, diagnose, ema, join, lbfgs, lookahead, lrRangeTest, map } from "thalweg";',
  'import { type Optimizer, plateau, prodigy, sam, sample, sgd, stepDecay, sweep, warmup } from "thalweg";',
  'import { tfOptimizer } from "thalweg/tfjs";',
  'import * as keras from "thalweg/optimizers/keras";',
  'import * as tfjs from "thalweg/optimizers/tfjs";',
  'import * as hf from "thalweg/schedules/hf";',
  'import * as decays from "thalweg/schedules/keras";',
  'import * as optax from "thalweg/schedules/optax";',
  'import * as torch from "thalweg/schedules/torch";',
].join(" ");

/** The same for TensorFlow.js, whose own types are taken as they are. */
const withTensorFlow: readonly Statement[] = [
  ["const x: tf.Optimizer = tfOptimizer(tf, adam, { lr: 0.1, groups: [{ match: /bias/, lr: 1 }] })", undefined],
  ["tf.sequential().compile({ optimizer: tfOptimizer(tf, sgd), loss: 'meanSquaredError' })", undefined],
  ["const x: number = tfOptimizer(tf, adam).lr", undefined],
  ["tfOptimizer(tf, adam).lr = stepDecay({ init: 1, rate: 0.5, every: 3 })", undefined],
  ["tfOptimizer(tf, sgd, { project: (w) => (w.name === 'a' ? tf.relu(w) : undefined) })", undefined],
  ["tfOptimizer(tf, sgd, { project: layerConstraints(tf.sequential()) })", undefined],
  ["tfOptimizer(tf, sgd, { groups: [{ match: (name, shape) => shape.length > 1, lr: (k) => k }] })", undefined],
  ["tfOptimizer(tf, sgd, { project: () => 3 })", "is not assignable"],
  ["tfOptimizer(tf, adam, { momentum: 0.9 })", "'momentum' does not exist"],
  ["tfOptimizer(tf, adam, { inPlace: true })", "'inPlace' does not exist"],
  ["tfOptimizer(adam, tf)", "is not assignable"],
];
const tensorFlowImports =
  'import * as core from "@tensorflow/tfjs-core"; import * as layers from "@tensorflow/tfjs-layers"; import { adam, sgd, stepDecay } from "thalweg"; import { layerConstraints, tfOptimizer } from "thalweg/tfjs"; namespace tf { export type Optimizer = core.Optimizer } const tf = { ...core, ...layers };';

/** Every entry, where neither a browser's types nor Node's are known. */
const bare: readonly Statement[] = [
  ["const x: Float32Array = adam({ w: [2] }, { lr: cosineDecay({ init: 1, steps: 9 }) }).params.w", undefined],
  ["lrRangeTest(adam({ w: [2] }), () => 1, { signal: { throwIfAborted() {} } })", undefined],
  ["lrRangeTest(adam({ w: [2] }), () => 1, { signal: {} })", "No overload matches this call"],
  ["document", "Cannot find name 'document'"],
  ["WebAssembly", "Cannot find name 'WebAssembly'"],
  ["process", "Cannot find name 'process'"],
];
const languageOnly = { lib: ["lib.es2023.d.ts"] };
const bareImports =
  'import { adam, cosineDecay, lrRangeTest } from "thalweg"; import * as keras from "thalweg/optimizers/keras"; import * as preset from "thalweg/optimizers/tfjs"; import * as torch from "thalweg/schedules/torch"; import * as adapter from "thalweg/tfjs"; import * as plot from "thalweg/plot";';

describe.each([
  ["the published types without any but the language's", bareImports, bare, languageOnly],
  ["the published types", imports, statements, {}],
  ["the published types with TensorFlow.js's", tensorFlowImports, withTensorFlow, { skipLibCheck: true }],
] as const)("%s", (_, imports, statements, options) => {
  let errors: ReadonlyMap<number, string> = new Map();
  beforeAll(() => {
    errors = errorsOf(imports, statements, options);
  }, 60_000);

  test.each(statements.map(([statement, error], line) => ({ statement, error, line })))(
    "$statement → $error",
    ({ error, line }) => {
      if (error === undefined) expect(errors.get(line)).toBeUndefined();
      else expect(errors.get(line)).toContain(error);
    },
  );

  test("nothing is wrong outside the statements", () => {
    expect(errors.get(-1)).toBeUndefined();
  });
});
