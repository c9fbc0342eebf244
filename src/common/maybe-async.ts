import { isReadable } from "./realm.ts";

/**
 * Runs `work` to its end and gives each `yield` the value of what it yielded. Where that is a promise it is awaited, and so, from there on,
 * is the whole; what it rejects with is thrown inside `work`.
 */
export function runMaybeAsync<R>(work: Generator<unknown, R>): R | Promise<R> {
  let next = work.next();
  while (!next.done) {
    const { value } = next;
    let waits: boolean;
    try {
      waits = isPromise(value);
    } catch (error) {
      next = work.throw(error);
      continue;
    }
    if (waits) return driveAsync(work, value);
    next = work.next(value);
  }
  return next.value;
}

async function driveAsync<R>(work: Generator<unknown, R>, first: unknown): Promise<R> {
  let pending = first;
  for (;;) {
    const next = await Promise.resolve(pending).then(
      (value) => work.next(value),
      (error) => work.throw(error),
    );
    if (next.done) return next.value;
    pending = next.value;
  }
}

/** What a proxy's trap throws when it is asked is the closure's error. */
const isPromise = (value: unknown): boolean => isReadable(value) && "then" in value;
