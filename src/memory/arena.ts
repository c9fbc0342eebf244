import { allocated, createBackend } from "../backends/index.ts";
import { readOptions } from "../common/given.ts";
import { check, choice, positive, required, show } from "../common/options.ts";
import type { Backend, BackendChoice, BackendName } from "../kernels/backend.ts";

/** Bytes of a cache line. */
export const LINE = 64;
/** 4 GiB less a page. */
const MOST = 65535 * 65536;

const size = {
  ...required(positive(1)),
  range: `a whole number in [1, ${MOST}]`,
  inRange: (bytes: number) => Number.isSafeInteger(bytes) && bytes > 0 && bytes <= MOST,
};

/** `bytes` rounded up to whole cache lines, the grain of every allocation. */
export const lines = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

interface Stretch {
  start: number;
  end: number;
}

export interface ArenaOptions {
  /** Size in bytes, at most 4 GiB less 64 KiB. It never changes. */
  readonly bytes: number;
  /** Default "auto". */
  readonly backend?: BackendChoice | undefined;
}

/**
 * The memory in which optimizers live. Its size is fixed at creation, so a view into it stays valid as long as the arena does.
 * An optimizer makes one for itself unless it is given one; several small optimizers can share one, which matters in
 * Chromium: it allows about 120 WebAssembly memories in a page.
 *
 * ```
 * ┌─ one optimizer's block ─────────────────────────────────────────────┬─ the next ──┬─ free ─┐
 * │ parameters │ gradients │ state slot │ … │ scratch │ group 2: …       │             │        │
 * └─ each on a 64-byte line; the tensors of a group side by side inside ┴─────────────┴────────┘
 * ```
 */
export class Arena {
  readonly backend: BackendName;
  readonly byteLength: number;
  /** @internal */
  readonly kernels: Backend;
  readonly #free: Stretch[];

  /** @throws RangeError for a size out of range or if there is no memory; Error if the backend cannot run here */
  constructor(options: ArenaOptions);
  /** @internal */
  constructor(options: ArenaOptions, owner: string);
  constructor(options: ArenaOptions, owner = "arena") {
    const { bytes, backend = "auto" } = readOptions("arena", options, ["bytes", "backend"]);
    check("arena", "bytes", size, bytes);
    checkBackend("arena", backend);
    this.byteLength = lines(bytes);
    this.kernels = allocated(owner, this.byteLength, () => createBackend(backend, this.byteLength));
    this.backend = this.kernels.name;
    this.#free = [{ start: 0, end: this.byteLength }];
  }

  /**
   * Whether it is one and no proxy of one, which has no room.
   * @internal
   */
  static is(value: unknown): value is Arena {
    return typeof value === "object" && value !== null && #free in value;
  }

  /** The largest number of bytes that one optimizer can still take. */
  get available(): number {
    return this.#free.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  }

  /**
   * Reserves whole lines and returns the address of the first.
   * @internal
   * @throws RangeError when there is no room
   */
  allocate(owner: string, bytes: number): number {
    const size = lines(bytes);
    const i = this.#free.findIndex(({ start, end }) => end - start >= size);
    if (i < 0)
      throw new RangeError(
        `${owner}: the arena has no room for ${size} bytes: ${this.available} of ${this.byteLength} are left in one piece`,
      );
    const { start } = this.#free[i];
    this.#free[i].start += size;
    if (this.#free[i].start === this.#free[i].end) this.#free.splice(i, 1);
    return start;
  }

  /**
   * What `build` makes at the address of so many bytes, which are given back if it throws.
   * @internal
   * @throws RangeError when there is no room
   */
  furnish<R>(owner: string, bytes: number, build: (start: number) => R): R {
    const start = this.allocate(owner, bytes);
    try {
      return build(start);
    } catch (error) {
      this.release(start, bytes);
      throw error;
    }
  }

  /**
   * Gives back what `allocate` gave.
   * @internal
   */
  release(start: number, bytes: number): void {
    const end = start + lines(bytes);
    const next = this.#free.findIndex((stretch) => stretch.start > start);
    const i = next < 0 ? this.#free.length : next;
    const joinsBefore = this.#free[i - 1]?.end === start;
    const joinsNext = this.#free[i]?.start === end;
    const stretch = { start: joinsBefore ? this.#free[i - 1].start : start, end: joinsNext ? this.#free[i].end : end };
    this.#free.splice(joinsBefore ? i - 1 : i, Number(joinsBefore) + Number(joinsNext), stretch);
  }
}

/** @throws TypeError or RangeError unless `backend` is a choice there is */
export function checkBackend(owner: string, backend: unknown): asserts backend is BackendChoice {
  check(owner, "backend", choice("auto", "wasm", "plain"), backend);
}

/** The arena that was given among the options, or one of the right size. */
export function arenaFor(owner: string, given: Readonly<Record<"arena" | "backend", unknown>>, bytes: number): Arena {
  const { arena, backend = "auto" } = given;
  checkBackend(owner, backend);
  if (arena === undefined && bytes > MOST)
    throw new RangeError(`${owner}: parameters and state take ${bytes} bytes, and an arena has at most ${MOST}`);
  if (arena === undefined) return new Arena({ bytes: Math.max(bytes, 1), backend }, owner);
  if (!Arena.is(arena)) throw new TypeError(`${owner}: arena must be an Arena, got ${show(arena)}`);
  if (given.backend !== undefined)
    throw new TypeError(`${owner}: backend cannot be given together with arena, which runs on "${arena.backend}"`);
  return arena;
}
