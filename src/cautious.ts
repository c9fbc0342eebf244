import type { Backend, FloatArray, Prelude, Update } from "./backend.ts";
import { prepare } from "./gradient.ts";
import { record } from "./record.ts";

/** Room for a cautious update: two arrays as long as the parameter, and the scalars of `apply`. */
export interface CautiousPlace {
  readonly update: FloatArray;
  readonly gradient: FloatArray;
  readonly scalars: FloatArray;
}

const Apply = record(["shrink", "scale"]);

/**
 * The cautious form of one tensor's update (Liang et al. 2024): what disagrees with the gradient's sign is left out, and the rest is
 * divided by the share that was kept, but by no less than 0.001, as in the authors' c_adamw.py. The gradient is the one the kernel
 * sees, so with L2 decay in it. The kernel runs on a parameter of zeros, which gives the negated update by itself.
 *
 * @param shrink what decoupled decay multiplies the parameter by
 */
export function cautious(backend: Backend, base: Update, place: CautiousPlace, shrink: () => number): () => void {
  const { p, g, prelude, dtype } = base;
  const { update, gradient, scalars } = place;
  const bare = { dtype, prelude: identity, scratch: undefined };
  const bindPrepare = (kernel: string) =>
    backend.bind({
      ...bare,
      kernel,
      sweep: ({ p: out, g, parameter }, round) => prepare(out, g, parameter, prelude, round),
      p: gradient,
      g,
      slots: { parameter: p },
      scalars: prelude.values,
    });
  const prepared = bindPrepare("gradient");
  const preparedL2 = bindPrepare("gradient_l2");
  const descend = backend.bind({ ...base, ...bare, p: update, g: gradient });
  const c = new Apply(scalars);
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
    scalars,
  });

  return () => {
    if (prelude.decay === 0) prepared();
    else preparedL2();
    descend();
    const kept = backend.keepAgreeing(update, gradient);
    c.shrink = shrink();
    c.scale = 1 / Math.max(kept / p.length, 1e-3);
    apply();
  };
}

const identity: Prelude = Object.assign(new (record(["scale", "ceiling", "floor", "decay"]))(new Float64Array(4)), {
  scale: 1,
  ceiling: Infinity,
  floor: -Infinity,
});
