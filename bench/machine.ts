import { cpus } from "node:os";

/** Where and when the numbers were taken. */
export function machine(gcc: string | undefined): string {
  const processors = cpus();
  const date = new Date().toISOString().slice(0, 10);
  const compiler = gcc === undefined ? "no gcc" : `gcc ${gcc}`;
  return `${processors[0].model.trim()}, ${processors.length} cores, Node ${process.version}, ${compiler}, ${date}`;
}
