import type { Backend, FloatArray, Prelude, Update } from "./backend.ts";
import { prepare } from "./gradient.ts";
import { record } from "./record.ts";

/** Room for a staged update: two arrays as long as the tensor, and the scalars of its own two kernels. */
export interface StagedPlace {
  readonly update: FloatArray;
  readonly gradient: FloatArray;
  readonly mix: FloatArray;
  readonly apply: FloatArray;
}

/** What can come between the stages; each has a say once a step. */
export interface Stages {
  /** Sets `out` so that the gradient becomes scale · g + decay · p, from both norms. */
  readonly rescale?: ((p: number, g: number, out: { scale: number; decay: number }) => void) | undefined;
  /** How much of the parameter joins the update: u ← u + decay() · p. */
  readonly decay?: (() => number) | undefined;
  /** What the update is multiplied by, from its norm and the parameter's; by default 1. */
  readonly trust?: ((p: number, u: number) => number) | undefined;
  /**
   * Leaves out what disagrees with the gradient's sign and divides the rest by the share that was kept, but by no less than 0.001, as the
   * authors' c_adamw.py (Liang et al. 2024). The gradient is the one the kernel sees.
   */
  readonly cautious: boolean;
  /** What decoupled decay multiplies the parameter by. */
  readonly shrink: () => number;
}

const Apply = record(["shrink", "scale"]);
export const PreludeRecord = record(["scale", "ceiling", "floor", "decay"]);

const unlimited = (values: FloatArray): Prelude =>
  Object.assign(new PreludeRecord(values), { scale: 1, ceiling: Infinity, floor: -Infinity });

const identity = unlimited(new Float64Array(4));

/**
 * One tensor's update in stages, for what depends on the whole of it: its norms, or how many of its elements agree. The gradient is
 * prepared in full, and the kernel runs on a parameter of zeros, which gives the negated update by itself.
 */
export function staged(backend: Backend, base: Update, place: StagedPlace, stages: Stages): () => void {
  const { p, g, prelude, dtype } = base;
  const { update, gradient } = place;
  const { rescale, decay, trust, cautious, shrink } = stages;
  const norm = (x: FloatArray) => Math.sqrt(backend.sumOfSquares(x));
  const bare = { dtype, prelude: identity, scratch: undefined };

  /** out ← clamp(scale · g) + decay · p by `c` */
  const mixer = (out: FloatArray, from: FloatArray, c: Prelude) => {
    const bind = (kernel: string) =>
      backend.bind({
        ...bare,
        kernel,
        sweep: (arrays, round) => prepare(arrays.p, arrays.g, arrays.parameter, c, round),
        p: out,
        g: from,
        slots: { parameter: p },
        scalars: c.values,
      });
    const [plain, decayed] = [bind("gradient"), bind("gradient_l2")];
    return () => (c.decay === 0 ? plain() : decayed());
  };

  const mix = unlimited(place.mix);
  const prepareGradient = mixer(gradient, g, prelude);
  const mixGradient = mixer(gradient, gradient, mix);
  const mixUpdate = mixer(update, update, mix);
  const descend = backend.bind({ ...base, ...bare, p: update, g: gradient });
  const c = new Apply(place.apply);
  const apply = backend.bind({
    ...bare,
    kernel: "apply",
    sweep({ p, g: step }, round) {
      for (let i = 0; i < p.length; i++) {
        p[i] = round(c.shrink * p[i]) + round(c.scale * step[i]);
        step[i] = 0;
      }
    },
    p,
    g: update,
    slots: {},
    scalars: place.apply,
  });

  return () => {
    prepareGradient();
    if (rescale) {
      rescale(norm(p), norm(gradient), mix);
      mixGradient();
    }
    descend();
    if (decay) {
      mix.scale = 1;
      mix.decay = -decay();
      mixUpdate();
    }
    const trusted = trust ? trust(norm(p), norm(update)) : 1;
    const kept = cautious ? Math.max(backend.keepAgreeing(update, gradient) / p.length, 1e-3) : 1;
    c.shrink = shrink();
    c.scale = trusted / kept;
    apply();
  };
}
