import type { Backend, BackendChoice } from "../kernels/backend.ts";
import { plain } from "./plain.ts";
import { wasm, wasmModule } from "./wasm.ts";

/**
 * A memory of so many bytes and what can be done in it. "auto" takes WebAssembly if it runs here and has memory left: there are only so
 * many memories, 120 in a page of Chromium, however small.
 *
 * @throws Error when "wasm" is asked for and cannot run here; RangeError if there is no memory
 */
export function createBackend(choice: BackendChoice, bytes: number): Backend {
  if (choice === "plain") return plain(bytes);
  const module = wasmModule();
  if (!(module instanceof Error))
    try {
      return wasm(module, bytes);
    } catch (error) {
      if (choice === "wasm") throw error;
    }
  else if (choice === "wasm") throw new Error(`backend "wasm" cannot run here: ${module.message}`, { cause: module });
  return plain(bytes);
}

/** What `make` makes, or our words where there is no memory for it. */
export function allocated<R>(owner: string, bytes: number, make: () => R): R {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(
      `${owner}: there is no memory for ${bytes} bytes (${error.message}): dispose of what is no longer used, and have several optimizers share an Arena`,
      { cause: error },
    );
  }
}
