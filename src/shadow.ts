import { Arena, lines } from "./arena.ts";
import type { Backend, Dtype, FloatArray, Prelude } from "./backend.ts";
import { squares } from "./fold.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Params } from "./params.ts";
import { mixer, unlimited } from "./staged.ts";

type Views = readonly FloatArray[];

/** What a shadow needs of an optimizer. */
export type Shadowed<P extends Params> = Pick<Optimizer<P, Dtype>, "params" | "dtype" | "backend">;

export const viewsIn = (record: object): Views => Object.values(record as Readonly<Record<string, FloatArray>>);

/** Two vectors as long as all of an optimizer's parameters, in a memory of their own and on the same backend. */
export class Shadow {
  readonly own: FloatArray;
  readonly other: FloatArray;
  readonly #kernels: Backend;
  readonly #c: Prelude;
  readonly #run: () => void;

  constructor({ params, dtype, backend }: Shadowed<Params>) {
    const length = viewsIn(params).reduce((sum, view) => sum + view.length, 0);
    const Floats = dtype === "f32" ? Float32Array : Float64Array;
    const size = lines(length * Floats.BYTES_PER_ELEMENT);
    const { kernels } = new Arena({ bytes: 2 * size + lines(1), backend });
    this.own = new Floats(kernels.buffer, 0, length);
    this.other = new Floats(kernels.buffer, size, length);
    this.#kernels = kernels;
    this.#c = unlimited(new Floats(kernels.buffer, 2 * size, 4));
    this.#run = mixer(kernels, dtype, this.own, this.own, this.other, this.#c);
  }

  /** own ← scale · own + weight · other */
  mix(scale: number, weight: number): void {
    this.#c.scale = scale;
    this.#c.decay = weight;
    this.#run();
  }

  /** ‖own‖ */
  norm(): number {
    return Math.sqrt(this.#kernels.fold(squares, this.own));
  }
}

/** vector ← the views, one after the other */
export function gather(vector: FloatArray, views: Views): void {
  let at = 0;
  for (let i = 0; i < views.length; i++) {
    vector.set(views[i], at);
    at += views[i].length;
  }
}

/** The views, one after the other, ← vector */
export function scatter(vector: FloatArray, views: Views): void {
  let at = 0;
  for (let i = 0; i < views.length; i++) {
    views[i].set(vector.subarray(at, at + views[i].length));
    at += views[i].length;
  }
}
