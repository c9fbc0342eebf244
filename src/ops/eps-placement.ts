import type { Round } from "../common/types.ts";

/** What a gradient is divided by. The mirror of assembly/ops/eps-placement.ts. */
export type EpsPlacement = (square: number, eps: number, round: Round) => number;

/** √x + eps, as in PyTorch. */
export const epsOutside: EpsPlacement = (square, eps, round) => round(round(Math.sqrt(square)) + eps);

/** √(x + eps), as in Keras, TensorFlow.js and optax. */
export const epsInside: EpsPlacement = (square, eps, round) => round(Math.sqrt(round(square + eps)));
