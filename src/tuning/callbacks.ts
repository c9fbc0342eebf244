import { show } from "../common/options.ts";
import { isFunction, propertyOf } from "../common/realm.ts";

/** How to watch what takes long, and to stop it. */
export type Callbacks<T> = {
  /** Called after every step. */
  readonly progress?: ((progress: T) => void) | undefined;
  /**
   * An AbortSignal. Once it is aborted no function of yours is called any more and what it is aborted with is thrown; a call under way, or
   * what it promised, is waited for.
   */
  readonly signal?: { throwIfAborted(): void } | undefined;
};

export const callbackKeys = ["progress", "signal"];

export function checkCallbacks(owner: string, { progress, signal }: Callbacks<never>): void {
  if (progress !== undefined && !isFunction(progress))
    throw new TypeError(`${owner}: progress must be a function, got ${show(progress)}`);
  if (signal !== undefined && !isFunction(propertyOf(signal, "throwIfAborted")))
    throw new TypeError(`${owner}: signal must be an AbortSignal, got ${show(signal)}`);
}

/** What a closure of the caller's gave as its loss. */
export function checkLoss(owner: string, loss: unknown): number {
  if (typeof loss !== "number") throw new TypeError(`${owner}: a loss must be a number, got ${show(loss)}`);
  return loss;
}
