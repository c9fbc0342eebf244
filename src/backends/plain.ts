import {
  type Arrays,
  type Backend,
  type Curve,
  type FloatArray,
  isIdentity,
  type Round,
  type Update,
} from "../backend.ts";
import { square, sum } from "../fold.ts";
import { prepare } from "../gradient.ts";
import { centralizeRows, clipRows } from "../rows.ts";
import { PIECE } from "./pieces.ts";

const identity: Round = (x) => x;
const roundOf = (x: FloatArray): Round => (x instanceof Float32Array ? Math.fround : identity);

/** The backend without WebAssembly: what every kernel is tested against, and what runs where WebAssembly does not. */
export function plain(bytes: number): Backend {
  return {
    name: "plain",
    buffer: new ArrayBuffer(bytes),
    bind,
    sumOfSquares: (x) => sum(square, x),
    allFinite,
    keepAgreeing,
    centralizeRows: (rows, g) => centralizeRows(rows, g, roundOf(g)),
    clipRows: (rows, g, p, factor) => clipRows(rows, g, p, factor, roundOf(g)),
    sample,
  };
}

function bind({ sweep, p, g, slots, prelude, scratch }: Update): () => void {
  const round = roundOf(p);
  const arrays: Arrays = { p, g, ...slots };
  if (scratch === undefined) return () => sweep(arrays, round);

  const pieces: { arrays: Arrays; g: FloatArray }[] = [];
  for (let start = 0; start < p.length; start += PIECE) {
    const cut = (x: FloatArray) => x.subarray(start, start + PIECE);
    const piece = Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, cut(slot)]));
    const own = cut(p);
    pieces.push({ arrays: { ...piece, p: own, g: scratch.subarray(0, own.length) }, g: cut(g) });
  }
  return () => {
    if (isIdentity(prelude)) return sweep(arrays, round);
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i];
      prepare(piece.arrays.g, piece.g, piece.arrays.p, prelude, round);
      sweep(piece.arrays, round);
    }
  };
}

function allFinite(x: FloatArray): boolean {
  for (let i = 0; i < x.length; i++) if (x[i] - x[i] !== 0) return false;
  return true;
}

/** The mirror of Agreement in assembly/cautious.ts. */
function keepAgreeing(update: FloatArray, g: FloatArray): number {
  const round = roundOf(update);
  let count = 0;
  for (let i = 0; i < update.length; i++) {
    if (round(update[i] * g[i]) < 0) count++;
    else update[i] *= 0; // Lets a NaN through.
  }
  return count;
}

function sample({ at }: Curve, start: number, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = at(start + i);
}
