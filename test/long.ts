/** How much of a long claim is tried: a share by `npm test`, all of it by `npm run test:long`, which is vitest in its mode "long". */
export const isLong = import.meta.env.MODE === "long";

/** How often to try a property. */
export const runs = (share: number, all: number): number => (isLong ? all : share);
