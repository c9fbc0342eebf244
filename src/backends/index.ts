import type { Backend, BackendChoice } from "../backend.ts";
import { plain } from "./plain.ts";
import { wasm, wasmModule } from "./wasm.ts";

/** @throws Error when "wasm" is asked for and cannot run here */
export function createBackend(choice: BackendChoice, bytes: number): Backend {
  if (choice === "plain") return plain(bytes);
  const module = wasmModule();
  if (!(module instanceof Error)) return wasm(module, bytes);
  if (choice === "auto") return plain(bytes);
  throw new Error(`backend "wasm" cannot run here: ${module.message}`, { cause: module });
}
