/**
 * Compiles assembly/ to build/kernels.wasm and inlines it into src/backends/kernels.ts, with the kernels' types from the bindings that
 * asc writes: a spec that names a kernel which does not exist fails to compile, and the package has no asset to fetch.
 *
 * Any diagnostic of asc is an error: a subclassed rule is only warned of and traps at run time.
 */
import { readFileSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";

const { error, stderr } = await asc.main(["--config", "asconfig.json"]);
// That the last pass of the optimiser made the module larger again is no fault of the code.
const diagnostics = stderr.toString().replace(/^Last converge was suboptimal\.\n/m, "");
if (error || diagnostics) throw new Error(`asc: ${error?.message ?? "a diagnostic"}\n${diagnostics}`);

const signatures = [...readFileSync("build/kernels.d.ts", "utf8").matchAll(/export function (.*);/g)]
  // A raw export returns a bool as the number it is.
  .map(([, signature]) => `  ${signature.replace(/: boolean$/, ": number")};\n`);

writeFileSync(
  "src/backends/kernels.ts",
  `// Made by scripts/kernels.ts; git ignores it.

export interface KernelExports {
${signatures.join("")}}

export const base64 = "${readFileSync("build/kernels.wasm", "base64")}";
`,
);
