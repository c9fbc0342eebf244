import { Optimizer } from "../engine/optimizer.ts";
import { showOther } from "../memory/param-guard.ts";

/** Throws unless it is an optimizer that steps with the gradient it finds: `sam` and `lbfgs` ask for gradients themselves. */
export function checkOptimizer(owner: string, optimizer: unknown): void {
  if (Optimizer.is(optimizer)) return;
  throw new TypeError(`${owner}: optimizer must be one that steps with a given gradient, got ${showOther(optimizer)}`);
}

/** −1 where all that is trained maximizes, for what comes as its loss is then the better the higher. */
export function signOf({ groups }: Pick<Optimizer, "groups">): 1 | -1 {
  const trained = groups.filter(({ trainable }) => trainable);
  return trained.length > 0 && trained.every(({ maximizes }) => maximizes) ? -1 : 1;
}
