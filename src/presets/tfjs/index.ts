/**
 * TensorFlow.js's optimizers (tf.train, 4.22) by its own definitions and defaults, where they are not ours. `sgd` is ours, which gives what
 * tf.train.sgd and tf.train.momentum do. `eps` is the 1e-7 of its 32-bit backends. Options and state have our names.
 *
 * What is a defect there is not here: adadelta, which divides by the accumulator from before the update; centered rmsprop's
 * subtracted `eps`; running products of the betas that are rounded to f32 at every step; state that belongs to a place in a list.
 */
export { sgd } from "../../optimizers/sgd.ts";
export { adagrad } from "./adagrad.ts";
export { adam } from "./adam.ts";
export { adamax } from "./adamax.ts";
export { rmsprop } from "./rmsprop.ts";
