import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface Recipe {
  readonly sources: readonly string[];
  readonly outputs: readonly string[];
  /** The file that says what the outputs were made of. */
  readonly key: string;
  /** Gives the outputs' contents, in their order. */
  make(): Promise<readonly (string | Uint8Array)[]>;
}

/** A file that is not there counts as an empty one. */
function digest(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = existsSync(file) ? readFileSync(file) : "";
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/** Whole or not at all, whoever else writes the same file. */
function put(file: string, content: string | Uint8Array): void {
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, content);
  renameSync(draft, file);
}

/** Makes the outputs, unless they are there as they were made of these very sources. */
export async function remake({ sources, outputs, key, make }: Recipe): Promise<void> {
  const from = digest(sources);
  if (existsSync(key) && readFileSync(key, "utf8") === `${from} ${digest(outputs)}`) return;
  const contents = await make();
  for (const [at, output] of outputs.entries()) put(output, contents[at]);
  // Last, so that what was interrupted is not taken for made.
  put(key, `${from} ${digest(outputs)}`);
}
