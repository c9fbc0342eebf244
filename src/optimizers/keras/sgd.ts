import { ofBuffer } from "../../bearing.ts";
import { optimizer } from "../../optimizer.ts";
import { flag, nonNegative } from "../../options.ts";
import { decoupledDecay } from "../../spec.ts";
import { ball } from "../sgd.ts";

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
  decay: "decoupled",
  bears: (range, { lr, momentum }) => ofBuffer(range, momentum, Math.max(1, lr), 1),

  constants({ lr, momentum }, _, c, __, options) {
    c.rate = options.momentum === 0 ? lr : 1;
    c.momentum = momentum;
    c.keep = lr;
  },
});
