import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("c/optimizers.c", import.meta.url));

/** The C program: its median in ns a parameter after some milliseconds in a process of its own. */
export type Program = (name: string, n: number, milliseconds: number) => number;

/** What gcc made of optimizers.c. */
export interface Compiled {
  readonly version: string;
  readonly sse2: Program;
  readonly native: Program;
}

/** Compiles for the baseline of x86-64, which is SSE2, and for this machine; undefined without a gcc. */
export function compile(): Compiled | undefined {
  const version = gccVersion();
  if (version === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), "thalweg-bench-"));
  process.once("exit", () => rmSync(directory, { recursive: true }));
  return {
    version,
    sse2: program(join(directory, "sse2"), []),
    native: program(join(directory, "native"), ["-march=native"]),
  };
}

function gccVersion(): string | undefined {
  try {
    return execFileSync("gcc", ["-dumpfullversion"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

function program(path: string, flags: readonly string[]): Program {
  // Without -fno-math-errno sqrtf may set errno and its loop is not vectorised.
  execFileSync("gcc", ["-O3", "-fno-math-errno", ...flags, "-o", path, source, "-lm"]);
  return (name, n, milliseconds) => Number(execFileSync(path, [name, `${n}`, `${milliseconds}`], { encoding: "utf8" }));
}
