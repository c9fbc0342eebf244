/**
 * Keras 3's optimizers by its own definitions and defaults, where they are not ours. All take weight decay that is decoupled and
 * multiplied by the lr (`decay` offers the other forms); for adadelta, adagrad, adamax, rmsprop and sgd it is a pass of its own over the
 * parameters, as it is in Keras. Options and state have our names: Keras's `rho` of RMSprop is `alpha`.
 *
 * Ftrl is ours, which follows Keras: without its power of the accumulator other than −½ and its weight decay, which acts on a
 * parameter that the step then makes anew. `clipNorm`, `clipTensorNorm` and `clipValue` are Keras's global_clipnorm, clipnorm and
 * clipvalue; its use_ema is `ema()`.
 */
export { ftrl } from "../../../optimizers/ftrl.ts";
export { adadelta } from "./adadelta.ts";
export { adagrad } from "./adagrad.ts";
export { adam } from "./adam.ts";
export { adamax } from "./adamax.ts";
export { adamw } from "./adamw.ts";
export { lamb } from "./lamb.ts";
export { lion } from "./lion.ts";
export { nadam } from "./nadam.ts";
export { rmsprop } from "./rmsprop.ts";
export { sgd } from "./sgd.ts";
