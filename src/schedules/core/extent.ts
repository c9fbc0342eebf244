/** How much there is to a schedule, or to another function that the library has made of functions. */
interface Extent {
  /** How many lie within each other, itself included. */
  readonly depth: number;
  /** How many there are in all, itself included. */
  readonly size: number;
}

/** How many schedules can lie within each other. */
export const DEEPEST = 64;

/** How many schedules one can be made of, each counted as often as it stands in it: so long its JSON is, and so much a value costs. */
export const LARGEST = 10_000;

const extents = new WeakMap<object, Extent>();

/**
 * The extent of what is made of `parts`, whatever these are: a function of the user's counts for nothing.
 *
 * @throws RangeError if it is too much
 */
export function extentOf(owner: string, parts: readonly unknown[]): Extent {
  let depth = 1;
  let size = 1;
  for (const part of parts) {
    const extent = typeof part === "function" ? extents.get(part) : undefined;
    if (extent === undefined) continue;
    depth = Math.max(depth, extent.depth + 1);
    size += extent.size;
  }
  if (depth > DEEPEST) throw new RangeError(`${owner}: schedules must be nested at most ${DEEPEST} deep`);
  if (size > LARGEST)
    throw new RangeError(
      `${owner}: schedules must be made of at most ${LARGEST}, each counted as often as it stands in them, got ${size}`,
    );
  return { depth, size };
}

/** The function, of which is known how much there is to it. */
export function withExtent<F extends object>(fn: F, extent: Extent): F {
  extents.set(fn, extent);
  return fn;
}
