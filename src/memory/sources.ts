import { lengthOf } from "../common/realm.ts";
import { showName } from "../common/show.ts";
import type { FloatArray } from "../common/types.ts";
import type { Tensor } from "./tensors.ts";

/** Throws unless all were given as typed arrays that lie apart, as `inPlace` needs them. */
export function checkSources(owner: string, list: readonly Tensor[]): void {
  const bare = list.find(({ source }) => source === undefined);
  if (bare)
    throw new TypeError(`${owner}: inPlace needs typed arrays, got a shape for parameter ${showName(bare.name)}`);
  const byBuffer = new Map<ArrayBufferLike, Named[]>();
  for (const { name, source } of list) {
    if (!source || source.length === 0) continue;
    const same = byBuffer.get(source.buffer);
    if (same) same.push({ name, source });
    else byBuffer.set(source.buffer, [{ name, source }]);
  }
  for (const same of byBuffer.values()) checkApart(owner, same);
}

interface Named {
  readonly name: string;
  readonly source: FloatArray;
}

/** What is written to both would be what was written last. */
function checkApart(owner: string, sources: Named[]): void {
  sources.sort((a, b) => a.source.byteOffset - b.source.byteOffset);
  for (let i = 1; i < sources.length; i++) {
    const [before, after] = [sources[i - 1], sources[i]];
    if (after.source.byteOffset < before.source.byteOffset + before.source.byteLength)
      throw new RangeError(
        `${owner}: with inPlace parameters must not share memory, and ${showName(before.name)} and ${showName(after.name)} do: tied weights are one parameter`,
      );
  }
}

/** Throws unless the array is as long as it was when it was given. */
export function checkLength(owner: string, { name, source, length }: Omit<Tensor, "shape">): void {
  if (source === undefined) return;
  const now = lengthOf(source);
  if (now !== length)
    throw new Error(
      `${owner}: the array given as parameter ${showName(name)} must keep its ${length} elements, and has ${now}: it was detached or resized`,
    );
}

/** Throws if an array lies where `bytes` from `start` on of `buffer` are about to be filled: in memory that it was given back. */
export function checkElsewhere(
  owner: string,
  list: readonly Tensor[],
  buffer: ArrayBuffer,
  start: number,
  bytes: number,
): void {
  for (const { name, source } of list)
    if (source?.buffer === buffer && source.byteOffset < start + bytes && start < source.byteOffset + source.byteLength)
      throw new RangeError(
        `${owner}: parameter ${showName(name)} must not lie in free memory of the arena, as a view of a disposed optimizer does: slice() it before dispose()`,
      );
}
