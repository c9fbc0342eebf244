import { ofMeanOverRoot } from "../../common/bearing.ts";
import {
  choice,
  count,
  divisor,
  finite,
  flag,
  fraction,
  nonNegative,
  type ScheduleFunction,
} from "../../common/options.ts";
import type { Shape } from "../../common/types.ts";
import { decayFactor } from "../../engine/hyperparameters.ts";
import { optimizer } from "../../engine/optimizer.ts";
import { axpby, unlimited } from "../../engine/pipeline.ts";
import { decoupledDecay } from "../../engine/spec.ts";
import { squares } from "../../ops/reduce.ts";
import { moments } from "../adam.ts";
import { coefficients, newtonSchulz, scalars, scratch } from "./newton-schulz.ts";

type Slot = "exp_avg" | "exp_avg_sq" | "momentum_buffer";

/** By what an orthogonal update of this shape is made longer. */
const adjustments = {
  original: ([rows, columns]: Shape) => Math.sqrt(Math.max(1, rows / columns)),
  matchRmsAdamw: ([rows, columns]: Shape) => 0.2 * Math.sqrt(Math.max(rows, columns)),
  spectralUnclamped: ([rows, columns]: Shape) => Math.sqrt(rows / columns),
};

const first = (lr: number | ScheduleFunction): number => (typeof lr === "function" ? lr(0) : lr);

/**
 * Muon (Jordan et al. 2024): steps along the momentum of a matrix with all its singular values brought near 1, by a few iterations of Newton
 * and Schulz. What has not two dimensions, and what `useMuon: false` takes out in `groups`, as embeddings and heads should be, goes by AdamW.
 *
 * Follows torch.optim.Muon and, in AdamW's defaults, Jordan's MuonWithAuxAdam; its betas and so on bear the prefix adam, as in Keras. The
 * iterations are in the dtype, which torch makes bfloat16. Each weight decay goes by its own lr. Jordan flattens a kernel of a
 * convolution: give its shape as [out, all others]. `nsA` to `nsC` are torch's ns_coefficients; `adjustLr` is its adjust_lr_fn, of which
 * "matchRmsAdamw" (Liu et al. 2025) lets AdamW's lr do. Keras sums the gradients where this takes a mean, and divides by the norm plus `eps`.
 *
 * Memory in f32: 8 bytes of state a parameter (matrices: 4 an element); a step moves 28.
 */
export const muon = /* @__PURE__ */ optimizer({
  name: "muon",
  source: "Jordan et al. 2024; Liu et al. 2025",
  options: {
    lr: nonNegative(1e-3),
    ...decoupledDecay(0.1),
    momentum: fraction(0.95),
    nesterov: flag(true),
    nsA: finite(3.4445),
    nsB: finite(-4.775),
    nsC: finite(2.0315),
    nsSteps: count({ fallback: 5, most: 99 }),
    eps: divisor(nonNegative(1e-7)),
    adjustLr: choice("original", "matchRmsAdamw", "spectralUnclamped"),
    useMuon: flag(true),
    adamLr: nonNegative(3e-4),
    adamBeta1: fraction(0.9),
    adamBeta2: fraction(0.95),
    adamEps: divisor(nonNegative(1e-10)),
    adamWeightDecay: nonNegative(0),
    cautious: flag(false),
  },
  decayKind: "decoupled",
  slots: (): readonly Slot[] => ["exp_avg", "exp_avg_sq"],
  kernel: ({ adamWeightDecay }) => (adamWeightDecay === 0 ? "adam" : "adamw"),
  scalars: moments.scalars,
  bears: (range, { adamLr: lr, adamBeta1: beta1, adamBeta2: beta2, adamEps: eps }) =>
    ofMeanOverRoot(range, { lr, beta1, beta2, eps }),

  conflict: ({ decay, adamLr }) =>
    decay === "schedule" && first(adamLr) === 0
      ? 'decay "schedule" needs an adamLr that does not start at 0'
      : undefined,

  constants(hyper, t, c, _, { adamLr, decay: mode }) {
    const { adamLr: lr, adamBeta1: beta1, adamBeta2: beta2, adamEps: eps, adamWeightDecay } = hyper;
    const decay = adamWeightDecay * decayFactor(mode, lr, first(adamLr));
    moments.constants({ lr, beta1, beta2, eps, decay }, t, c);
  },

  update: moments.update,

  matrix: {
    applies: ({ length }, { useMuon }) => length === 2 && useMuon,
    slots: ({ rows, columns }) => ({ momentum_buffer: rows * columns }),
    scratch: (matrix) => ({ ...scratch(matrix), x: matrix.rows * matrix.columns, blend: 4 }),
    scalars: [...scalars, "momentum", "keep", "eps", "steps", "shrink"],
    // The momentum's norm is divided by.
    bears: ({ mean, norm }, _hyper, _carry, _options, length) => Math.min(mean / Math.sqrt(length), norm),

    constants({ decay, momentum, nsA, nsB, nsC, nsSteps, eps }, _, c) {
      coefficients(nsA, nsB, nsC, c);
      c.momentum = momentum;
      c.keep = 1 - momentum;
      c.eps = eps;
      c.steps = nsSteps;
      c.shrink = 1 - decay;
    },

    bind(kit, matrix, arrays, c, { nesterov }) {
      const { backend, dtype } = kit;
      const { p, g, momentum_buffer, x } = arrays;
      const mix = unlimited(arrays.blend);
      const mixed = (out: typeof p, from: typeof p) => axpby(backend, dtype, out, from, momentum_buffer, mix);
      const accumulate = mixed(momentum_buffer, g);
      // Iterations go to and fro between x and p and end in p, so an even number of them begins there.
      const starts = [p, x].map((start) => ({ start, look: mixed(start, g), normalize: mixed(start, start) }));
      const iterations = [
        newtonSchulz(kit, matrix, p, x, arrays, c.values),
        newtonSchulz(kit, matrix, x, p, arrays, c.values),
      ];

      return () => {
        mix.scale = c.keep;
        mix.decay = c.momentum;
        accumulate();
        if (!nesterov) {
          mix.scale = 0;
          mix.decay = 1;
        }
        const { start, look, normalize } = starts[c.steps % 2];
        look();
        // What is odd in its argument gives the negated update for a negated one.
        mix.scale = -1 / Math.max(Math.sqrt(backend.reduce(squares, start)), c.eps);
        mix.decay = 0;
        normalize();
        for (let left = c.steps; left > 0; left--) iterations[left % 2]();
      };
    },

    trustRatio: ({ lr }, _norms, { adjustLr }, _carry, { shape }) => lr * adjustments[adjustLr](shape),
  },
});
