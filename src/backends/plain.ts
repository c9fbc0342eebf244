import {
  type Arrays,
  type Backend,
  type Curve,
  type FloatArray,
  isIdentity,
  type Round,
  type Update,
} from "../backend.ts";
import { prepare } from "../gradient.ts";
import { BLOCK, PIECE } from "./pieces.ts";

const identity: Round = (x) => x;

/** The backend without WebAssembly: what every kernel is tested against, and what runs where WebAssembly does not. */
export function plain(bytes: number): Backend {
  return { name: "plain", buffer: new ArrayBuffer(bytes), bind, sumOfSquares, allFinite, keepAgreeing, sample };
}

function bind({ sweep, dtype, p, g, slots, prelude, scratch }: Update): () => void {
  const round = dtype === "f32" ? Math.fround : identity;
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

/** The mirror of assembly/fold.ts: element i of a block goes to lane i mod 8. */
function sumOfSquares(x: FloatArray): number {
  let sum = 0;
  for (let start = 0; start < x.length; start += BLOCK) sum += blockSum(x, start, Math.min(start + BLOCK, x.length));
  return sum;
}

function blockSum(x: FloatArray, start: number, end: number): number {
  let a = 0,
    b = 0,
    c = 0,
    d = 0,
    e = 0,
    f = 0,
    g = 0,
    h = 0;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    a += x[i] * x[i];
    b += x[i + 1] * x[i + 1];
    c += x[i + 2] * x[i + 2];
    d += x[i + 3] * x[i + 3];
    e += x[i + 4] * x[i + 4];
    f += x[i + 5] * x[i + 5];
    g += x[i + 6] * x[i + 6];
    h += x[i + 7] * x[i + 7];
  }
  for (; i < end; i++) a += x[i] * x[i];
  return a + c + (e + g) + (b + d + (f + h));
}

function allFinite(x: FloatArray): boolean {
  for (let i = 0; i < x.length; i++) if (x[i] - x[i] !== 0) return false;
  return true;
}

/** The mirror of Agreement in assembly/cautious.ts. */
function keepAgreeing(update: FloatArray, g: FloatArray): number {
  const round = update instanceof Float32Array ? Math.fround : identity;
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
