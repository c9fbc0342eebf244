import { namedScalars } from "../common/named-scalars.ts";
import type { Dtype, FloatArray } from "../common/types.ts";
import type { Backend, GradientTransform, Update } from "../kernels/backend.ts";
import { keepAgreeing } from "../ops/agreement.ts";
import { prepareGradient } from "../ops/gradient.ts";
import { type NoiseKey, noiseAdder } from "../ops/noise.ts";
import { squares } from "../ops/reduce.ts";
import { centralizeRows, clipRows as shortenRows } from "../ops/rows.ts";

/** Room for a staged update: an array as long as the tensor, or two, and the scalars of its own kernels. */
export interface StagedPlace {
  readonly gradient: FloatArray;
  readonly mix: FloatArray;
  /** Scalars of the gradient's noise, if it gets some. */
  readonly noise: FloatArray | undefined;
  /** Where the update is made by itself; absent when it need not be. */
  readonly update: FloatArray | undefined;
  readonly apply: FloatArray | undefined;
}

/** What can come between the stages; each has a say once a step. */
export interface Stages {
  /** Rows of the tensor, by its first dimension, if their means are to be taken from the gradient. */
  readonly centralize?: number | undefined;
  /** The most that the gradient's norm may be. */
  readonly clip?: (() => number) | undefined;
  /** Rows of the tensor, and how many times as long as the parameter's each of the gradient's may be. */
  readonly clipRows?: { readonly rows: number; readonly factor: () => number } | undefined;
  /** Normal noise for the gradient: the key of its stream, and its standard deviation at the update with 1-based number `t`. */
  readonly noise?: { readonly key: NoiseKey; readonly deviation: (t: number) => number } | undefined;
  /** What of the parameter joins the gradient after these. */
  readonly coupled: () => number;
  /** Sets `out` so that the gradient becomes scale · g + decay · p, from both norms. */
  readonly rescale?: ((p: number, g: number, out: { scale: number; decay: number }) => void) | undefined;
  /** How much of the parameter joins the update: u ← u + joined() · p. */
  readonly joined?: (() => number) | undefined;
  /** What the update is multiplied by, from its norm and the parameter's, which are taken when they are read; by default 1. */
  readonly trust?: ((norms: Norms) => number) | undefined;
  /**
   * Leaves out what disagrees with the gradient's sign and divides the rest by the share that was kept, but by no less than 0.001, as the
   * authors' c_adamw.py (Liang et al. 2024). The gradient is the one the kernel sees. Comes before `joined` and `trust`, as in timm's lamb.py.
   */
  readonly cautious: boolean;
  /** What decoupled decay multiplies the parameter by. */
  readonly shrink: () => number;
}

const Apply = namedScalars(["shrink", "scale"]);
export const GradientTransformScalars = namedScalars(["scale", "ceiling", "floor", "decay"]);

export const unlimited = (values: FloatArray): GradientTransform =>
  Object.assign(new GradientTransformScalars(values), { scale: 1, ceiling: Infinity, floor: -Infinity });

/** What a kernel needs that takes its gradient as it is. */
const bare = { prelude: unlimited(new Float64Array(4)), scratch: undefined };

/** Norms of a parameter and of its update. */
export interface Norms {
  readonly p: number;
  readonly u: number;
  readonly length: number;
}

/** An update in two halves: what prepares its gradient, and the rest. */
export interface Staged {
  /** @param t the 1-based number of the update */
  prepare(t: number): void;
  descend(): void;
}

/** Binds what updates `p` with the gradient `g`. */
export type BindDescent = (p: FloatArray, g: FloatArray) => () => void;

/** The update of all of a group, its gradient taken as it is. */
export const sweeping =
  (backend: Backend, update: Update): BindDescent =>
  (p, g) =>
    backend.bind({ ...update, ...bare, p, g });

/**
 * An update in stages, for what depends on the whole of a tensor: its norms, or how many of its elements agree. The gradient is
 * prepared in full. Where the update is to be changed before it is applied, the descent runs on a parameter of zeros, which gives the
 * negated update by itself.
 */
export function staged(
  backend: Backend,
  { p, g, prelude, dtype }: Pick<Update, "p" | "g" | "prelude" | "dtype">,
  bindDescent: BindDescent,
  place: StagedPlace,
  stages: Stages,
): Staged {
  const { gradient } = place;
  const { centralize, clip, clipRows, noise, coupled, rescale } = stages;
  const norm = (x: FloatArray) => Math.sqrt(backend.reduce(squares, x));
  const mix = unlimited(place.mix);
  const prepareGradient = axpby(backend, dtype, gradient, g, p, prelude);
  const mixGradient = axpby(backend, dtype, gradient, gradient, p, mix);
  const centre = centralize
    ? backend.operation(centralizeRows, dtype, centralize, p.length / centralize, gradient)
    : undefined;
  const rows = clipRows?.rows ?? 1;
  const shorten = clipRows && backend.operation(shortenRows, dtype, rows, p.length / rows, gradient, p, mix.values);
  const addNoise = noise && place.noise && noiseAdder(backend, dtype, gradient, place.noise, noise.key);
  const descend =
    place.update && place.apply
      ? detached(backend, dtype, p, gradient, bindDescent, mix, stages, place.update, place.apply)
      : bindDescent(p, gradient);

  const prepare = (t: number) => {
    prepareGradient();
    centre?.();
    const size = clip ? norm(gradient) : 0;
    const most = clip ? clip() : 0;
    if (size > most) {
      mix.scale = most / size;
      mix.decay = 0;
      mixGradient();
    }
    if (clipRows) {
      mix.scale = clipRows.factor();
      shorten?.();
    }
    const deviation = noise ? noise.deviation(t) : 0;
    if (deviation > 0) addNoise?.(deviation, t - 1);
    const decay = coupled();
    if (decay !== 0) {
      mix.scale = 1;
      mix.decay = decay;
      mixGradient();
    }
    if (rescale) {
      rescale(norm(p), norm(gradient), mix);
      mixGradient();
    }
  };
  return { prepare, descend };
}

/** The update made by itself, changed, and applied. */
function detached(
  backend: Backend,
  dtype: Dtype,
  p: FloatArray,
  gradient: FloatArray,
  bindDescent: BindDescent,
  mix: GradientTransform,
  { joined, trust, cautious, shrink }: Stages,
  update: FloatArray,
  scalars: FloatArray,
): () => void {
  const norm = (x: FloatArray) => Math.sqrt(backend.reduce(squares, x));
  const norms: Norms = {
    get p() {
      return norm(p);
    },
    get u() {
      return norm(update);
    },
    length: p.length,
  };
  const descend = bindDescent(update, gradient);
  const mixUpdate = axpby(backend, dtype, update, update, p, mix);
  const keep = backend.operation(keepAgreeing, dtype, p.length, update, gradient);
  const c = new Apply(scalars);
  const apply = backend.bind({
    ...bare,
    dtype,
    kernel: "apply",
    update({ p, g: step }, round) {
      for (let i = 0; i < p.length; i++) {
        p[i] = round(c.shrink * p[i]) + round(c.scale * step[i]);
        step[i] = 0;
      }
    },
    p,
    g: update,
    slots: {},
    scalars,
  });

  return () => {
    descend();
    const kept = cautious ? Math.max(keep() / p.length, 1e-3) : 1;
    // What comes next adds to the update or takes its norm.
    const changes = joined !== undefined || (trust !== undefined && cautious);
    if (changes) {
      mix.scale = 1 / kept;
      mix.decay = joined ? -joined() : 0;
      mixUpdate();
    }
    const trusted = trust ? trust(norms) : 1;
    c.shrink = shrink();
    c.scale = changes ? trusted : trusted / kept;
    apply();
  };
}

/** out ← clamp(scale · from) + decay · parameter, by `c` */
export function axpby(
  backend: Backend,
  dtype: Dtype,
  out: FloatArray,
  from: FloatArray,
  parameter: FloatArray,
  c: GradientTransform,
): () => void {
  const sweep: Update["update"] = (arrays, round) => prepareGradient(arrays.p, arrays.g, arrays.parameter, c, round);
  const slots = { parameter };
  const { prelude, scratch } = bare;
  const bind = (kernel: string) =>
    backend.bind({ prelude, scratch, dtype, kernel, update: sweep, p: out, g: from, slots, scalars: c.values });
  const [plain, decayed] = [bind("gradient"), bind("gradient_l2")];
  return () => (c.decay === 0 ? plain() : decayed());
}
