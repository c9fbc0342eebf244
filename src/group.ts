import type { Backend, Dtype, FloatArray, Prelude, Update } from "./backend.ts";
import type { Hypers } from "./hypers.ts";
import { type Place, type Plan, transforms } from "./layout.ts";
import { type Fields, type RecordOf, record } from "./record.ts";
import type { Spec } from "./spec.ts";
import { mixer, PreludeRecord, staged } from "./staged.ts";

/** A spec's records: made once, so that their accesses stay monomorphic. */
export class Records {
  readonly Scalars: new (
    values: FloatArray,
  ) => RecordOf<string>;
  readonly Carry: new (
    values: FloatArray,
  ) => RecordOf<string>;

  constructor({ scalars, carry = {} }: Spec) {
    this.Scalars = record(scalars);
    this.Carry = record(Object.keys(carry));
  }
}

/** One parameter of a group: its parts of the group's arrays. */
export interface Member {
  readonly name: string;
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly state: Readonly<Record<string, FloatArray>>;
}

function membersOf(tensors: Plan["members"], { p, g, slots }: Place): Member[] {
  let end = 0;
  return tensors.map(({ name, length }) => {
    const start = end;
    end += length;
    const cut = (x: FloatArray) => x.subarray(start, end);
    const state = Object.fromEntries(Object.entries(slots).map(([slot, x]) => [slot, cut(x)]));
    return { name, p: cut(p), g: cut(g), state };
  });
}

/** Parameters that lie side by side and share their options: one kernel call a step, however many they are. */
export class Group {
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly members: readonly Member[];
  readonly hypers: Hypers;
  readonly trainable: boolean;
  /** The numbers carried from step to step. */
  readonly carry: RecordOf<string>;
  readonly carried: readonly string[];
  readonly #transforms: boolean;
  readonly #spec: Spec;
  readonly #constants: Fields<string>;
  readonly #prelude: Prelude;
  readonly #sign: number;
  readonly #run: () => void;
  /** For `turn`: p ← scale · p + decay · slot, by the prelude. */
  readonly #mix: (() => void) | undefined;

  constructor(
    spec: Spec,
    { Scalars, Carry }: Records,
    { members, options, hypers }: Plan,
    place: Place,
    backend: Backend,
    dtype: Dtype,
  ) {
    const { p, g, slots, scalars, prelude, scratch } = place;
    this.p = p;
    this.g = g;
    this.members = membersOf(members, place);
    this.hypers = hypers;
    this.#spec = spec;
    this.#sign = options.maximize ? -1 : 1;
    this.carry = new Carry(Float64Array.from(Object.values(spec.carry ?? {})));
    this.carried = Object.keys(spec.carry ?? {});

    const constants = new Scalars(scalars);
    this.#constants = constants;
    this.#prelude = new PreludeRecord(prelude);
    const update: Update = {
      kernel: spec.kernel(options),
      sweep: (arrays, round) => spec.sweep(arrays, constants, round, options),
      dtype,
      p,
      g,
      slots,
      scalars,
      prelude: this.#prelude,
      scratch,
    };
    this.trainable = options.trainable === true;
    this.#transforms = transforms(options);
    this.#run = this.trainable ? this.#bind(backend, update, place, members, options) : () => {};
    const line = this.trainable ? spec.evaluation?.slot : undefined;
    this.#mix = line === undefined ? undefined : mixer(backend, dtype, p, p, slots[line], this.#prelude);
  }

  #bind(
    backend: Backend,
    update: Update,
    place: Place,
    [{ shape }]: Plan["members"],
    options: Plan["options"],
  ): () => void {
    if (!place.staged) return backend.bind(update);
    const { rescale, trust } = this.#spec;
    const { values, shared } = this.hypers;
    const rows = shape.length > 1 ? shape[0] : 1;
    return staged(backend, update, place.staged, {
      centralize: options.centralize && shape.length > 1 ? rows : undefined,
      clip: options.clipTensorNorm !== Infinity ? () => shared.clipTensorNorm : undefined,
      clipRows: options.clipAdaptive !== Infinity ? { rows, factor: () => shared.clipAdaptive } : undefined,
      coupled: () => (this.#transforms ? shared.coupled : 0),
      rescale: rescale && ((p, g, out) => rescale(values, { p, g }, out, this.carry, options)),
      decay: trust && (() => values.weightDecay),
      trust: trust && ((p, u) => trust(values, { p, u }, options)),
      cautious: options.cautious === true,
      // Only what decays by itself has the scalar `shrink`.
      shrink: () => this.#constants.shrink ?? 1,
    });
  }

  /** Turns the parameters into those to evaluate with, or back; false if they are the same. */
  turn(to: "eval" | "train"): boolean {
    const { evaluation } = this.#spec;
    if (!evaluation || !this.#mix) return false;
    const weight = evaluation.weight(this.hypers.values, to);
    Object.assign(this.#prelude, { scale: 1 - weight, ceiling: Infinity, floor: -Infinity, decay: weight });
    this.#mix();
    return true;
  }

  /** One update with 1-based number `t`, the gradients multiplied by `factor`; `hypers` are resolved. */
  update(t: number, factor: number): void {
    const { values, shared } = this.hypers;
    this.#spec.constants(values, t, this.#constants, this.carry);
    this.#prelude.scale = this.#sign * shared.gradScale * factor;
    this.#prelude.ceiling = shared.clipValue;
    this.#prelude.floor = -shared.clipValue;
    // Where more happens to the gradient, the decay joins it after that.
    this.#prelude.decay = this.#transforms ? 0 : shared.coupled;
    this.#run();
  }
}
