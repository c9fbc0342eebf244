/**
 * Runs `work` to its end and gives each `yield` the value of what it yielded. Where that is a promise it is awaited, and so, from there on,
 * is the whole; what it rejects with is thrown inside `work`.
 */
export function drive<R>(work: Generator<unknown, R>): R | Promise<R> {
  let next = work.next();
  while (!next.done) {
    if (isPromise(next.value)) return driveAsync(work, next.value);
    next = work.next(next.value);
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

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value;
