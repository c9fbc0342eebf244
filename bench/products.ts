import { createBackend } from "../src/backends/index.ts";
import { Form, matmul, panelOf } from "../src/ops/matmul.ts";
import { markdown, ratio } from "./markdown.ts";
import type { Compiled } from "./peers/c.ts";
import * as hand from "./peers/hand-written/index.ts";
import { timeAll } from "./progress.ts";
import { fillUniform } from "./random.ts";
import { type Effort, stopwatch } from "./stopwatch.ts";

const SIDE = 512;
const ELEMENTS = SIDE * SIDE;

/** What one product takes, in ms. */
export interface Product {
  readonly name: string;
  readonly plain: number;
  readonly hand: number;
  readonly wasm: number;
  readonly sse2: number | undefined;
  readonly native: number | undefined;
}

interface Row {
  readonly name: string;
  readonly form: number;
  readonly hand: (a: Float32Array, b: Float32Array, out: Float32Array) => void;
  /** Its name in peers/c/optimizers.c. */
  readonly c?: string;
}

const rows: readonly Row[] = [
  { name: "a · b", form: Form.AB, hand: (a, b, out) => hand.product(SIDE, a, b, out), c: "product" },
  { name: "x · xᵀ", form: Form.XXT, hand: (a, _, out) => hand.gram(SIDE, a, out) },
];

export function timeProducts(effort: Effort, gcc: Compiled | undefined): Product[] {
  // One of them takes as long as many updates.
  const times = timeAll("products", rows, Math.ceil(effort.rounds / 4), (row) => columns(row, effort, gcc));
  return rows.map(({ name }, i) => ({ name, ...times[i] }));
}

function columns(row: Row, effort: Effort, gcc: Compiled | undefined) {
  const [a, b, out] = [1, 2, 3].map((seed) => fillUniform(new Float32Array(ELEMENTS), seed));
  const { c } = row;
  const timed = (sample: () => number) => () => (sample() * ELEMENTS) / 1e6;
  const own = (backend: "wasm" | "plain") => timed(stopwatch(bound(row, backend), ELEMENTS, effort));
  return {
    plain: own("plain"),
    hand: timed(stopwatch(() => row.hand(a, b, out), ELEMENTS, effort)),
    wasm: own("wasm"),
    sse2: gcc && c ? timed(() => gcc.sse2(c, ELEMENTS, effort.milliseconds)) : undefined,
    native: gcc && c ? timed(() => gcc.native(c, ELEMENTS, effort.milliseconds)) : undefined,
  };
}

/** The library's product on one backend. */
function bound({ form }: Row, name: "wasm" | "plain"): () => void {
  const lengths = [ELEMENTS, ELEMENTS, ELEMENTS, 2, panelOf(SIDE)];
  const backend = createBackend(name, 4 * lengths.reduce((a, b) => a + b));
  let end = 0;
  const [a, own, out, c, panel] = lengths.map((length) => {
    end += length;
    return new Float32Array(backend.buffer, 4 * (end - length), length);
  });
  const b = form === Form.AB ? own : a;
  fillUniform(a, 1);
  fillUniform(own, 2);
  c.set([0, 1]);
  return backend.operation(matmul, "f32", form, SIDE, SIDE, SIDE, a, b, out, out, c, panel);
}

export function productsTable(products: readonly Product[]): string {
  const header = [
    `${SIDE} × ${SIDE}`,
    "plain TS",
    "hand-written JS",
    "WASM",
    "C SSE2",
    "C native",
    "plain TS : WASM",
    "hand-written JS : WASM",
  ];
  return markdown(
    header,
    products.map(({ name, plain, hand, wasm, sse2, native }) => [
      name,
      ...[plain, hand, wasm, sse2, native].map((x) => (x === undefined ? "–" : x.toFixed(1))),
      ratio(plain, wasm),
      ratio(hand, wasm),
    ]),
  );
}
