/** One update as a competent user would write it over Float32Arrays: double arithmetic, constants out of the loop. */
export type Update = (
  p: Float32Array,
  g: Float32Array,
  /** In the optimizer's own order. */
  state: readonly Float32Array[],
  /** The number of the update, from 1. */
  t: number,
  options: Options,
  own: Own,
) => void;

/** An lr, and whatever else is not to be the peer's default, which is the optimizer's. */
export interface Options {
  readonly lr: number;
  readonly [name: string]: number;
}

/** What a few of them keep besides arrays of state. */
export interface Own {
  /** Numbers carried from update to update, 0 before the first. */
  readonly carried: Float64Array;
  /** Room for an update that cannot be applied before all of it is known. */
  readonly scratch: Float32Array;
}

/** So small an lr that the parameters stay in range however many updates are timed. */
export const options: Options = { lr: 1e-6 };
