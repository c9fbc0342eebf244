import { ofSteps } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import type { HyperName, OptionTable } from "../common/options.ts";
import { between, nonNegative } from "../common/options.ts";
import { optimizer } from "../engine/optimizer.ts";
import { pow } from "../math/pow.ts";

/** What both schedule-free optimizers are told of their warmup and of how they weigh their average. */
export const averaging = {
  /** Steps over which the lr grows linearly to its value. */
  warmupSteps: nonNegative(0),
  /** Power of t in the weights of the average. */
  r: nonNegative(0),
  /** Power of the largest lr so far in the weights of the average. */
  weightLrPower: nonNegative(2),
} satisfies OptionTable;

/**
 * The scalars both share: the step's `rate`, how far the parameter goes to z (`blend`) and along the direction (`pull`), and whether it
 * is the first step.
 */
export function averagingConstants(
  { lr, warmupSteps, r, weightLrPower }: Readonly<Fields<"lr" | HyperName<typeof averaging>>>,
  momentum: number,
  t: number,
  c: Fields<"blend" | "pull" | "rate" | "first">,
  carry: Fields<"weight_sum" | "lr_max">,
): void {
  const rate = t < warmupSteps ? lr * (t / warmupSteps) : lr;
  carry.lr_max = Math.max(rate, carry.lr_max);
  // Held to what is finite: of two weights that are not, neither is a share of the other.
  const share = pow(carry.lr_max, weightLrPower);
  const weight = share === 0 ? 0 : Math.min(pow(t, r) * share, Number.MAX_VALUE);
  carry.weight_sum = Math.min(carry.weight_sum + weight, Number.MAX_VALUE);
  const blend = carry.weight_sum === 0 ? 0 : weight / carry.weight_sum;
  c.rate = rate;
  c.blend = blend;
  c.pull = rate * (momentum * (1 - blend) - 1);
  c.first = t === 1 ? 1 : 0;
}

/**
 * Schedule-free SGD (Defazio et al. 2024): no schedule of the lr, and no end of training to know beforehand; instead the weights to
 * evaluate with are an average. `params` are the weights to train; `eval()` and `train()` turn them into the others and back.
 *
 * Follows the authors' sgd_schedulefree.py 1.4; weight decay is added to the gradient, at the weights to train. pytorch_optimizer is the
 * same. optax has no `r`, and its warmup is off by one between weight and step.
 *
 * Memory in f32: 4 bytes of state a parameter; a step moves 20.
 */
export const scheduleFreeSgd = /* @__PURE__ */ optimizer({
  name: "scheduleFreeSgd",
  source: "Defazio et al. 2024",
  options: { lr: nonNegative(1), momentum: between(0, 1, 0.9), weightDecay: nonNegative(0), ...averaging },
  decayKind: "coupled",
  slots: () => ["z"],
  kernel: () => "schedule_free_sgd",
  scalars: ["blend", "pull", "rate", "first"],
  bears: ofSteps,
  carry: { weight_sum: 0, lr_max: 0 },
  evaluation: {
    slot: "z",
    weight: ({ momentum }, to) => 1 - (to === "eval" ? 1 / momentum : momentum),
  },

  constants(hyper, t, c, carry) {
    averagingConstants(hyper, hyper.momentum, t, c, carry);
  },

  update({ p, g, z }, { blend, pull, rate, first }, round) {
    for (let i = 0; i < p.length; i++) {
      const param = p[i];
      // Before the first step z is the parameter, whenever that was set.
      const old = first !== 0 ? param : z[i];
      z[i] = old - round(rate * g[i]);
      const blended = round(param + round(blend * round(old - param)));
      p[i] = blended + round(pull * g[i]);
    }
  },
});
