import { type Fields, type NamedScalars, namedScalars } from "../common/named-scalars.ts";
import type { Dtype, FloatArray, Shape } from "../common/types.ts";
import type { Backend, GradientTransform, Update } from "../kernels/backend.ts";
import { pow } from "../math/pow.ts";
import { noiseKey } from "../ops/noise.ts";
import { GradientGuard } from "./gradient-guard.ts";
import type { Hyperparameters } from "./hyperparameters.ts";
import { mapped, type Place, type Plan, transforms } from "./layout.ts";
import {
  axpby,
  type BindDescent,
  GradientTransformScalars,
  type Staged,
  type Stages,
  staged,
  sweeping,
  unlimited,
} from "./pipeline.ts";
import type { Context, Spec } from "./spec.ts";

/** A spec's records: made once, so that their accesses stay monomorphic. */
export class ScalarClasses {
  readonly Scalars: RecordClass;
  readonly MatrixScalars: RecordClass;
  readonly Sums: RecordClass;
  readonly #Carry: RecordClass;
  readonly #carried: readonly number[];

  constructor({ scalars, matrix, globalStats, carry = {} }: Spec) {
    this.Scalars = namedScalars(scalars);
    this.MatrixScalars = namedScalars(matrix?.scalars ?? []);
    this.Sums = namedScalars(globalStats?.sums ?? []);
    this.#Carry = namedScalars(Object.keys(carry));
    this.#carried = Object.values(carry);
  }

  /** The numbers carried from step to step as they begin. */
  carry(): NamedScalars<string> {
    return new this.#Carry(Float64Array.from(this.#carried));
  }
}

type RecordClass = new (values: FloatArray) => NamedScalars<string>;

/** One parameter of a group: its parts of the group's arrays. */
export interface Member {
  readonly name: string;
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly state: Readonly<Record<string, FloatArray>>;
}

function membersOf(tensors: Plan["members"], { p, g, slots }: Place): Member[] {
  // Alone it has them whole: thousands of groups of one each spare most of their views.
  if (tensors.length === 1) return [{ name: tensors[0].name, p, g, state: slots }];
  let end = 0;
  return tensors.map(({ name, length }) => {
    const start = end;
    end += length;
    const cut = (x: FloatArray) => x.subarray(start, end);
    return { name, p: cut(p), g: cut(g), state: mapped(slots, cut) };
  });
}

type Measure = (sums: Fields<string>, t: number) => void;

/** Parameters that lie side by side and share their options: one kernel call a step, however many they are. */
export class Group {
  readonly p: FloatArray;
  readonly g: FloatArray;
  readonly members: readonly Member[];
  readonly hypers: Hyperparameters;
  readonly trainable: boolean;
  readonly maximizes: boolean;
  /** The numbers carried from step to step. */
  readonly carry: NamedScalars<string>;
  readonly carried: readonly string[];
  readonly guard: GradientGuard;
  readonly #transforms: boolean;
  readonly #spec: Spec;
  /** What the kernel's scalars follow from: the spec, or its rule for matrices. */
  readonly #rule: Pick<Spec, "constants" | "bears">;
  readonly #options: Plan["options"];
  readonly #constants: Fields<string>;
  readonly #dtype: Dtype;
  /** The step, and the shape of a tensor that is a group by itself. */
  readonly #at: { t: number; readonly shape: Shape };
  readonly #prelude: GradientTransform;
  readonly #sign: number;
  readonly #staged: Staged;
  readonly #shrink: (() => void) | undefined;
  readonly #measure: Measure | undefined;
  /** For `turn`: p ← scale · p + decay · slot, by the prelude. */
  readonly #mix: (() => void) | undefined;
  /** For `climb`, bound when it is first called: p ← p + scale · g, by the prelude. */
  #ascend: (() => void) | undefined;
  readonly #backend: Backend;

  /** @param carry from `records`: a group's own, or of all groups for a spec with a globalStats */
  constructor(
    spec: Spec,
    { Scalars, MatrixScalars }: ScalarClasses,
    plan: Plan,
    place: Place,
    carry: NamedScalars<string>,
    backend: Backend,
    dtype: Dtype,
  ) {
    const { members, options, hypers } = plan;
    const { p, g, slots, scalars, prelude } = place;
    this.p = p;
    this.g = g;
    this.members = membersOf(members, place);
    this.hypers = hypers;
    this.trainable = options.trainable === true;
    this.maximizes = options.maximize === true;
    this.carry = carry;
    this.carried = Object.keys(spec.carry ?? {});
    this.#transforms = transforms(options);
    this.#spec = spec;
    this.#rule = plan.matrix && spec.matrix ? spec.matrix : spec;
    this.#options = options;
    this.#constants = new (plan.matrix ? MatrixScalars : Scalars)(scalars);
    this.#dtype = dtype;
    this.#at = { t: 0, shape: members[0].shape };
    this.#prelude = new GradientTransformScalars(prelude);
    this.#sign = this.maximizes ? -1 : 1;
    this.#staged = this.trainable ? this.#bind({ backend, dtype }, plan, place) : { prepare() {}, descend() {} };
    this.#shrink = place.shrink && this.#bindShrink(backend, dtype, place.shrink);
    this.#measure = this.trainable ? this.#bindSurvey({ backend, dtype }, plan, place) : undefined;
    const line = this.trainable ? spec.evaluation?.slot : undefined;
    this.#mix = line === undefined ? undefined : axpby(backend, dtype, p, p, slots[line], this.#prelude);
    this.#backend = backend;
    this.guard = new GradientGuard(this, this.#rule, options, backend, dtype);
  }

  /** The update: in one kernel call, or in stages. */
  #bind(kit: Context, { matrix, options }: Plan, place: Place): Staged {
    const { backend, dtype } = kit;
    const { p, g, slots, scalars, scratch } = place;
    const constants = this.#constants as NamedScalars<string>;
    const update: Update = {
      kernel: this.#spec.kernel(options),
      update: (arrays, round) => this.#spec.update(arrays, constants, round, options),
      dtype,
      p,
      g,
      slots,
      scalars,
      prelude: this.#prelude,
      scratch,
    };
    if (!place.staged) return { prepare() {}, descend: backend.bind(update) };
    const rule = matrix && this.#spec.matrix;
    const bindDescent: BindDescent = rule
      ? (p, g) => rule.bind(kit, matrix, { ...slots, ...place.shared, p, g }, constants, options)
      : sweeping(backend, update);
    return staged(backend, update, bindDescent, place.staged, this.#stages(options, rule ?? this.#spec));
  }

  #stages(options: Plan["options"], { trustRatio: trust }: Pick<Spec, "trustRatio">): Stages {
    const { scaleGradient: rescale, decayInUpdate: joined } = this.#spec;
    const { values, shared } = this.hypers;
    const { carry } = this;
    const at = this.#at;
    const { shape } = at;
    const rows = shape.length > 1 ? shape[0] : 1;
    return {
      centralize: options.centralize && shape.length > 1 ? rows : undefined,
      clip: options.clipTensorNorm !== Infinity ? () => shared.clipTensorNorm : undefined,
      clipRows: options.clipAdaptive !== Infinity ? { rows, factor: () => shared.clipAdaptive } : undefined,
      noise:
        options.gradNoise !== 0
          ? {
              key: noiseKey(options.gradNoiseSeed as number, this.members[0].name),
              deviation: (t) => deviationOf(shared, t),
            }
          : undefined,
      coupled: () => (this.#transforms ? shared.coupled : 0),
      rescale: rescale && ((p, g, out) => rescale(values, { p, g }, out, carry, options)),
      joined: joined && (() => joined(values)),
      trust: trust && ((norms) => trust(values, norms, options, carry, at)),
      cautious: options.cautious === true,
      // Only a kernel that shrinks by itself has the scalar `shrink`.
      shrink: () => this.#constants.shrink ?? 1,
    };
  }

  /** p ← (1 − decay) · p */
  #bindShrink(backend: Backend, dtype: Dtype, values: FloatArray): () => void {
    const c = unlimited(values);
    const mix = axpby(backend, dtype, this.p, this.p, this.p, c);
    return () => {
      c.scale = 1 - this.hypers.shared.decay;
      mix();
    };
  }

  #bindSurvey(kit: Context, { options }: Plan, { p, slots, staged }: Place): Measure | undefined {
    const { globalStats } = this.#spec;
    if (!globalStats || !staged) return undefined;
    const measure = globalStats.bind(kit, { ...slots, p, g: staged.gradient }, unlimited(staged.mix), options);
    return (sums, t) => measure(this.hypers.values, t, sums, this.carry);
  }

  /** Updates made so far. */
  get steps(): number {
    return this.#at.t;
  }

  set steps(steps: number) {
    this.#at.t = steps;
  }

  /** Whether the parameters to evaluate with are others: they are the same before the first update. */
  get turns(): boolean {
    return this.#mix !== undefined && this.steps > 0;
  }

  /** How far `turn` would go; NaN if a schedule that it depends on has no value. */
  turnWeight(to: "eval" | "train"): number {
    return this.#spec.evaluation?.weight(this.hypers.values, to) ?? 0;
  }

  /** Turns the parameters into those to evaluate with, or back, if they are others. */
  turn(to: "eval" | "train"): void {
    if (!this.#mix || !this.turns) return;
    const weight = this.turnWeight(to);
    Object.assign(this.#prelude, { scale: 1 - weight, ceiling: Infinity, floor: -Infinity, decay: weight });
    this.#mix();
  }

  /** Goes `distance` times the gradient, under `gradScale`, against the direction of a step. */
  climb(distance: number): void {
    const scale = this.#sign * this.hypers.shared.gradScale * distance;
    Object.assign(this.#prelude, { scale, ceiling: Infinity, floor: -Infinity, decay: 1 });
    this.#ascend ??= axpby(this.#backend, this.#dtype, this.p, this.g, this.p, this.#prelude);
    this.#ascend();
  }

  /** A copy of the numbers carried from step to step, by name. */
  numbers(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.carried.map((key) => [key, this.carry[key]]));
  }

  /** Makes the gradient of the next update ready, multiplied by `factor`; `hypers` are resolved. */
  prepare(factor: number): void {
    const { shared } = this.hypers;
    this.#prelude.scale = this.#sign * shared.gradScale * factor;
    this.#prelude.ceiling = shared.clipValue;
    this.#prelude.floor = -shared.clipValue;
    // Where more happens to the gradient, the decay joins it after that.
    this.#prelude.decay = this.#transforms ? 0 : shared.coupled;
    this.#staged.prepare(this.steps + 1);
  }

  /** Adds this group's part to the globalStats for its next update; its gradient is ready. */
  measure(sums: Fields<string>): void {
    this.#measure?.(sums, this.steps + 1);
  }

  /** The update with 1-based number `t`; its gradient is ready. */
  descend(t: number): void {
    this.#at.t = t;
    this.#rule.constants(this.hypers.values, t, this.#constants, this.carry, this.#options, this.#dtype);
    this.#shrink?.();
    this.#staged.descend();
  }
}

/** @throws RangeError if what groups turn by after `steps` steps is a schedule that has no value there */
export function checkTurn(owner: string, groups: readonly Group[], to: "eval" | "train", steps: number): void {
  if (groups.some((group) => Number.isNaN(group.turnWeight(to))))
    throw new RangeError(
      `${owner}: ${to}() goes by the last step's options, and a schedule has no value at step ${steps - 1}`,
    );
}

/** √(gradNoise / t^gradNoiseDecay), optax's add_noise, whose count is 1 at the first update. */
function deviationOf({ gradNoise, gradNoiseDecay }: Hyperparameters["shared"], t: number): number {
  return Math.sqrt(gradNoise / pow(t, gradNoiseDecay));
}
