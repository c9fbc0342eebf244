/** docs/parity.md: how far the optimizers are from those of other programs. `npx tsx scripts/parity.ts` writes it. */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Dtype } from "../src/index.ts";
import * as lbfgs from "../test/lbfgs.ts";
import { type Case, cases, errors, nameOf } from "../test/parity.ts";
import { code, table } from "./tables.ts";

const COLUMNS = ["optimizer", "reference", "version", "cases", "f32", "f64"];

const dtypes: readonly Dtype[] = ["f32", "f64"];

/** The largest of some errors. */
function show(errors: readonly number[]): string {
  if (errors.length === 0) return "–";
  const error = Math.max(...errors);
  return error === 0 ? "0" : error.toExponential(1);
}

/** The largest error of all arrays of all cases, on either backend: their bits are the same. */
const largest = (rows: readonly Case[], dtype: Dtype): string =>
  show(rows.flatMap((row) => Object.values(errors(row, dtype, "plain"))));

/** The row of what asks for its gradients itself. */
function lbfgsRow(): string[] {
  const { cases, torch } = lbfgs.fixture;
  const errors = dtypes.map((dtype) =>
    show(cases.map((row) => lbfgs.error(row, dtype, lbfgs.run(row, dtype, "plain")))),
  );
  return [code("lbfgs"), "torch", torch, String(cases.length), ...errors];
}

/** The first cells of the row that a case belongs to, as one string; what was done by hand sorts after what was not. */
const key = ({ optimizer, subject = optimizer, reference }: Case): string =>
  [code(subject), nameOf(reference), reference.version].join("\0");

export function page(): string {
  const rows = [...new Set(cases.map(key))].map((first) => {
    const own = cases.filter((row) => key(row) === first);
    return [...first.split("\0"), String(own.length), ...dtypes.map((dtype) => largest(own, dtype))];
  });
  const sorted = [...rows, lbfgsRow()].sort((a, b) => (a.join("\0") < b.join("\0") ? -1 : 1));
  return `# Parity

Made by \`npx tsx scripts/parity.ts\`; \`test/parity.test.ts\` fails when it is not up to date.

A case is one set of options over 64 steps, in f32 and in f64; at six of the steps the parameters and all state are
compared. An error is relative to the largest magnitude that the element has had until then; the largest of all cases,
steps, arrays and elements stands here. One unit in the last place is 1.2e-7 in f32 and 2.2e-16 in f64. The tolerances,
and what the largest errors come from, stand in the test. \`test/fixtures/make_torch.py\`, \`make_catalogue.py\`,
\`make_free.py\`, \`make_matrices.py\`, \`make_wrappers.py\`, \`make_keras.py\` and \`make_tfjs.mjs\` ran the references and say what they
did by hand; a version that is no number is a commit. TensorFlow.js has f32 only.

What goes around an optimizer and what is done to gradients has rows of its own, with \`sgd\` and \`adam\`; averages and slow weights are
compared too, and so are the weights that the schedule-free optimizers evaluate with.

\`lbfgs\` is compared after each of six steps, in f32 for the first ${lbfgs.COMPARED.f32} iterations and in f64 for the first
${lbfgs.COMPARED.f64} (\`test/lbfgs.ts\`, \`test/fixtures/make_lbfgs.py\`).

${table(COLUMNS, sorted)}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync("docs/parity.md", page());
