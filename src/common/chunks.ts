/**
 * Elements a sum covers before its total is added to the others. Part of every reduction's definition: another number, other bits.
 */
export const BLOCK = 65536;

/** Elements a prepared piece of the gradient has: 8 KB of f32, so that it stays in the first-level cache with its fellows. */
export const PIECE = 2048;
