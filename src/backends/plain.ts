import { powerOfTwo } from "../common/bearing.ts";
import { PIECE } from "../common/chunks.ts";
import type { Dtype, FloatArray, Round } from "../common/types.ts";
import { type Arrays, type Backend, type Curve, isIdentity, type Update } from "../kernels/backend.ts";
import { prepareGradient } from "../ops/gradient.ts";
import { sum } from "../ops/reduce.ts";

const identity: Round = (x) => x;
const roundOf = (dtype: Dtype): Round => (dtype === "f32" ? Math.fround : identity);

/** The backend without WebAssembly: what every kernel is tested against, and what runs where WebAssembly does not. */
export function plain(bytes: number): Backend {
  return {
    name: "plain",
    buffer: new ArrayBuffer(bytes),
    bind,
    operation: ({ plain }, dtype, ...operands) => {
      const round = roundOf(dtype);
      return () => plain(round, ...operands);
    },
    reduce: ({ terms }, x, y, z, scalar) => sum(terms, x, y, z, scalar?.[0]),
    within,
    sample: sampleEach,
  };
}

function bind({ update, dtype, p, g, slots, prelude, scratch }: Update): () => void {
  const round = roundOf(dtype);
  const arrays: Arrays = { p, g, ...slots };
  if (scratch === undefined) return () => update(arrays, round);

  const pieces: { arrays: Arrays; g: FloatArray }[] = [];
  for (let start = 0; start < p.length; start += PIECE) {
    const cut = (x: FloatArray) => x.subarray(start, start + PIECE);
    const piece = Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, cut(slot)]));
    const own = cut(p);
    pieces.push({ arrays: { ...piece, p: own, g: scratch.subarray(0, own.length) }, g: cut(g) });
  }
  return () => {
    if (isIdentity(prelude)) return update(arrays, round);
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i];
      prepareGradient(piece.arrays.g, piece.g, piece.arrays.p, prelude, round);
      update(piece.arrays, round);
    }
  };
}

function within(x: FloatArray, exponent: number): boolean {
  const power = powerOfTwo(exponent);
  for (let i = 0; i < x.length; i++) if (!(Math.abs(x[i]) < power)) return false;
  return true;
}

/** One by one. */
export function sampleEach({ at }: Curve, start: number, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = at(start + i);
}
