/**
 * Compiles assembly/ to build/kernels.wasm and inlines it into src/kernels/generated.ts, with the kernels' types from the bindings that
 * asc writes: a spec that names a kernel which does not exist fails to compile, and the package has no asset to fetch.
 *
 * Any diagnostic of asc is an error: a subclassed rule is only warned of and traps at run time.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { entryOf } from "./entry.ts";
import { remake } from "./made.ts";

/** What asc writes, by name. */
async function compile(): Promise<Map<string, Buffer>> {
  // It takes a second to load.
  const { default: asc } = await import("assemblyscript/asc");
  const written = new Map<string, Buffer>();
  const entry = entryOf("assembly").text;
  const { error, stderr } = await asc.main(["--config", "asconfig.json"], {
    readFile: (file) => (file === "build/entry.ts" ? entry : existsSync(file) ? readFileSync(file, "utf8") : null),
    writeFile: (file, content) => void written.set(file, Buffer.from(content)),
  });
  // That the last pass of the optimiser made the module larger again is no fault of the code.
  const diagnostics = stderr.toString().replace(/^Last converge was suboptimal\.\n/m, "");
  if (error || diagnostics) throw new Error(`asc: ${error?.message ?? "a diagnostic"}\n${diagnostics}`);
  return written;
}

function inlined(module: Buffer, bindings: Buffer): string {
  const signatures = [...bindings.toString().matchAll(/export function (.*);/g)]
    // A raw export returns a bool as the number it is.
    .map(([, signature]) => `  ${signature.replace(/: boolean$/, ": number")};\n`);
  return `// Made by scripts/kernels.ts; git ignores it.

export interface KernelExports {
${signatures.join("")}}

export const base64 = "${module.toString("base64")}";
`;
}

await remake({
  sources: [
    ...readdirSync("assembly", { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort(),
    "asconfig.json",
    "scripts/entry.ts",
    "scripts/kernels.ts",
    // The compiler's version.
    "node_modules/assemblyscript/package.json",
    "node_modules/binaryen/package.json",
  ],
  outputs: ["build/kernels.wasm", "build/kernels.wat", "src/kernels/generated.ts"],
  key: "build/kernels.hash",
  async make() {
    console.error("Compiling the kernels, which takes about a minute; next time only if they have changed.");
    const written = await compile();
    const [module, text, bindings] = ["wasm", "wat", "d.ts"].map((end) => {
      const content = written.get(`build/kernels.${end}`);
      if (content === undefined) throw new Error(`asc wrote no build/kernels.${end}`);
      return content;
    });
    return [module, text, inlined(module, bindings)];
  },
});
