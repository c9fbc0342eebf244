export { constant } from "./constant.ts";
export { cyclic } from "./cyclic.ts";
export { exponentialDecay } from "./exponential-decay.ts";
export { inverseTimeDecay } from "./inverse-time-decay.ts";
export { multiStepDecay } from "./multi-step-decay.ts";
export { polynomialDecay } from "./polynomial-decay.ts";
export { stepDecay } from "./step-decay.ts";
