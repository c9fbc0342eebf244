import { ofBuffer } from "../../../common/bearing.ts";
import { flag, nonNegative } from "../../../common/options.ts";
import { optimizer } from "../../../engine/optimizer.ts";
import { decoupledDecay } from "../../../engine/spec.ts";
import { ball } from "../../../optimizers/sgd.ts";

/**
 * keras.optimizers.SGD: the lr is inside the velocity, so that a new lr acts on new gradients only; no dampening, and `nesterov` without
 * momentum is no contradiction. The velocity is `momentum_buffer` with the other sign.
 *
 * Memory in f32: 0–4 bytes of state a parameter; a step moves 12–20.
 */
export const sgd = /* @__PURE__ */ optimizer({
  ...ball,
  name: "keras.sgd",
  source: "the lr inside the momentum buffer",
  options: { lr: nonNegative(1e-2), momentum: nonNegative(0), nesterov: flag(false), ...decoupledDecay(0) },
  decayKind: "decoupled",
  bears: (range, { lr, momentum }) => ofBuffer(range, momentum, Math.max(1, lr), 1),

  constants({ lr, momentum }, _, c, __, options) {
    c.rate = options.momentum === 0 ? lr : 1;
    c.momentum = momentum;
    c.keep = lr;
  },
});
