import { ofBuffer, type Range } from "../common/bearing.ts";
import type { Fields } from "../common/named-scalars.ts";
import { finite, flag, nonNegative, type ScheduleFunction } from "../common/options.ts";
import type { FloatArray, Round } from "../common/types.ts";
import { optimizer } from "../engine/optimizer.ts";

type Scalar = "rate" | "momentum" | "keep";
interface Ball {
  readonly momentum: number | ScheduleFunction;
  readonly nesterov: boolean;
}

/** A heavy ball, or none, in every house. */
export const ball = {
  scalars: ["rate", "momentum", "keep"] as const,

  slots({ momentum }: Ball): readonly "momentum_buffer"[] {
    return momentum === 0 ? [] : ["momentum_buffer"];
  },

  kernel({ momentum, nesterov }: Ball) {
    return momentum === 0 ? "sgd" : nesterov ? "sgd_nesterov" : "sgd_momentum";
  },

  update(
    { p, g, momentum_buffer }: Record<"p" | "g" | "momentum_buffer", FloatArray>,
    { rate, momentum, keep }: Readonly<Fields<Scalar>>,
    round: Round,
    { nesterov }: Ball,
  ): void {
    if (momentum_buffer === undefined) {
      for (let i = 0; i < p.length; i++) p[i] -= round(rate * g[i]);
      return;
    }
    for (let i = 0; i < p.length; i++) {
      const kept = round(keep * g[i]);
      const buffer = round(round(momentum * momentum_buffer[i]) + kept);
      momentum_buffer[i] = buffer;
      const direction = nesterov ? round(kept + round(momentum * buffer)) : buffer;
      p[i] -= round(rate * direction);
    }
  },
};

/** What SGD and LARS share: the lr outside the buffer, and dampening. */
export const heavyBall = {
  ...ball,
  options: { momentum: nonNegative(0), dampening: finite(0), nesterov: flag(false) },

  conflict({ momentum, dampening, nesterov }: Ball & { readonly dampening: Ball["momentum"] }): string | undefined {
    const contradicts = nesterov && (momentum === 0 || dampening !== 0);
    return contradicts ? "nesterov needs momentum > 0 and dampening = 0" : undefined;
  },

  bears(range: Range, { lr, momentum, dampening }: Readonly<Fields<"lr" | "momentum" | "dampening">>): number {
    return ofBuffer(range, momentum, Math.max(1, Math.abs(1 - dampening)), lr);
  },

  constants(hyper: Readonly<Fields<"lr" | "momentum" | "dampening">>, t: number, c: Fields<Scalar>): void {
    c.rate = hyper.lr;
    c.momentum = hyper.momentum;
    // The first buffer is the gradient itself.
    c.keep = t === 1 ? 1 : 1 - hyper.dampening;
  },
};

/**
 * Stochastic gradient descent: p ← p − lr · g, optionally through a heavy ball (Polyak 1964) or with Nesterov's look-ahead
 * (Sutskever et al. 2013).
 *
 * Follows torch.optim.SGD: `weightDecay` is added to the gradient, the lr multiplies the buffer when it is used, and the first
 * buffer is the gradient itself, whatever `dampening` says. optax's `trace` has no dampening; Keras keeps the lr inside its
 * velocity, which differs as soon as the lr changes: thalweg/optimizers/keras.
 *
 * Memory in f32: 0–4 bytes of state a parameter; a step moves 12–20.
 */
export const sgd = /* @__PURE__ */ optimizer({
  name: "sgd",
  source: "Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013",
  ...heavyBall,
  options: { lr: nonNegative(1e-3), ...heavyBall.options, weightDecay: nonNegative(0), cautious: flag(false) },
  decayKind: "coupled",
});
