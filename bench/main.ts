import { barsTable } from "./bars.ts";
import { all, first } from "./cases.ts";
import { diagnosisTable, timeDiagnosis } from "./diagnosis.ts";
import { readFlags } from "./flags.ts";
import { guardsTable, timeGuards } from "./guards.ts";
import { latencyTable, timeLatency } from "./latency.ts";
import { machine } from "./machine.ts";
import { compile } from "./peers/c.ts";
import { productsTable, timeProducts } from "./products.ts";
import { schedulesTable, timeSchedules } from "./schedules.ts";
import { stepsTable, timeSteps } from "./steps.ts";
import { tfjsTable, timeTfjs } from "./tfjs.ts";
import { type Times, timeUpdates, updatesTable } from "./updates.ts";

/** Sizes at which all are timed, and the first also with guard and clipping; at other sizes only the first are. */
const THOROUGH = [65_536, 1e6];

const legend = `\
Updates, f32, ns a parameter: medians over interleaved rounds, one core.
- plain TS and WASM: step() of the two backends with onNonFinite "ignore", so that it does what the others do.
- hand-written JS: the loop over Float32Arrays in ordinary double arithmetic, bench/peers/hand-written.
  WASM at 65,536 parameters and less in five memories by turns: one can be up to 1.6 times slower than another.
- copy: loads and stores of as many bytes as the update reads and writes, in WASM and in as much memory: the memory limit.
- C: gcc -O3 -fno-math-errno (else sqrtf is not vectorised), arrays aligned as in WASM, a process of its own each round;
  SSE2 is x86-64's baseline and as wide as WASM SIMD, native is -march=native, where gcc may contract to FMA.
- a : b is the time of a by the time of b.
- All optimizers at 65,536 and 1,000,000 parameters; at other sizes, with guards and as latency only the first nine, to adamw.
  lars, lamb, novograd and adamw cautious need a number of the whole tensor and so more than one pass; prodigy, dadaptAdam, dog, dowg,
  sgdHd and adamHd one of all tensors; adafactor and sm3 are timed on a square matrix.
- closures: a loop that calls closures over Math.cos made of the same parts as the schedule, a join of a line and a cosine;
  one closure: the same formula written as one expression. bench/peers/closures.ts.`;

const { sizes, effort } = readFlags();
const gcc = compile();
console.log(`${machine(gcc?.version)}\n\n${legend}`);

const updates: Times[] = [];
for (const n of sizes) {
  const cases = THOROUGH.includes(n) ? all : first;
  const rows = timeUpdates(cases, n, effort, gcc);
  console.log(`\n${updatesTable(n, rows)}`);
  updates.push(...rows);
}

for (const n of sizes.filter((n) => THOROUGH.includes(n))) {
  const rows = timeGuards(first, n, effort);
  console.log(`\nstep() in WASM by what is done about the gradients, ns a parameter\n\n${guardsTable(n, rows)}`);
}

const products = timeProducts(effort, gcc);
console.log(`\nProducts as of muon, in f32, ms; in C the loop over rows of b\n\n${productsTable(products)}`);

const steps = timeSteps(effort);
console.log(`\nstep() where it is more than a sweep, with default guards, ns a parameter\n\n${stepsTable(steps)}`);

const latencies = timeLatency(first, effort);
console.log(`\nstep() with default options, µs\n\n${latencyTable(latencies)}`);

const diagnoses = timeDiagnosis(first, effort);
console.log(`\n${diagnosisTable(diagnoses)}`);

const schedules = timeSchedules(effort);
console.log(`\nsample() of a warmup with a cosine decay, ns a value\n\n${schedulesTable(schedules)}`);

const tfjs = await timeTfjs(effort);
console.log(`\nOne applyGradients of TensorFlow.js's optimizers and of ours\n\n${tfjsTable(tfjs)}`);

console.log(`\n${barsTable({ updates, products, latencies, diagnoses, schedules, tfjs })}`);
