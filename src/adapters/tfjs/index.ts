export { layerConstraints } from "./constraints.ts";
export { registerOptimizer, type TfjsOptimizer, type TfjsOptions, tfOptimizer } from "./make.ts";
