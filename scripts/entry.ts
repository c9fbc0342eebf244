/**
 * Writes what asc compiles: the exports of all kernels, from one line a kernel in assembly/.
 *
 * `export type adam<T> = Adam<T, …>` makes `adam_f32` and `adam_f64` of a class of the same file: an element-wise loop over its `update`,
 * a sum if it extends `Term`, or its `run`, which has a loop of its own. A function is exported as it is: schedules, which are of f64 alone.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** What an element-wise rule reads, by name and in order: addresses after those of the parameters and gradients, and scalars. */
export interface RuleSignature {
  readonly slots: readonly string[];
  readonly scalars: readonly string[];
}

interface Entry {
  readonly lines: string[];
  readonly rules: Record<string, RuleSignature>;
}

const DTYPES = ["f32", "f64"];
// What the loop of assembly/elementwise.ts has.
const SLOTS = ["s", "t", "u", "v"];
const SCALARS = ["a", "b", "c", "d", "e", "f", "h", "i", "j", "k", "l"];
const ADDRESSES = ["p", "g", ...SLOTS];

/** The text of the entry, which lies in build/, and the element-wise rules by kernel. */
export function entryOf(folder: string): { readonly text: string; readonly rules: Entry["rules"] } {
  const lines = [
    `import { Elementwise, Rule } from "../${folder}/elementwise";`,
    `import { Reduce } from "../${folder}/reduce";`,
  ];
  const entry: Entry = { lines, rules: {} };
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  for (const path of paths.sort()) addFile(entry, join(folder, path).replaceAll("\\", "/"));
  return { text: `${lines.join("\n")}\n`, rules: entry.rules };
}

function addFile({ lines, rules }: Entry, path: string): void {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const from = `from "../${path.slice(0, -".ts".length)}";`;
  const classes = new Map(file.statements.filter(ts.isClassDeclaration).map((each) => [each.name?.text, each]));
  for (const statement of file.statements) {
    const names = functionsOf(statement);
    if (names.length > 0) lines.push(`export { ${names.join(", ")} } ${from}`);
    if (!ts.isTypeAliasDeclaration(statement) || !isExported(statement)) continue;
    const kernel = statement.name.text;
    const [rule] = statement.type.getText(file).split("<");
    const declaration = classes.get(rule);
    if (!declaration) throw new Error(`${path}: ${kernel} must be a class of this file, got ${rule}`);
    lines.push(`import { ${kernel} } ${from}`, ...kernelsOf(kernel, `${path}: ${rule}`, declaration, rules));
  }
}

const isExported = (statement: ts.Declaration): boolean =>
  (ts.getCombinedModifierFlags(statement) & ts.ModifierFlags.Export) !== 0;

/** The functions that a statement exports. */
function functionsOf(statement: ts.Statement): string[] {
  if (ts.isFunctionDeclaration(statement) && statement.name && isExported(statement)) return [statement.name.text];
  if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause))
    return [];
  return statement.exportClause.elements.map(({ name }) => name.text);
}

/** The kernels of a class, one a dtype. */
function kernelsOf(kernel: string, where: string, declaration: ts.ClassDeclaration, rules: Entry["rules"]): string[] {
  const bases = (declaration.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type.getText()));
  if (bases.some((base) => base.startsWith("Term<"))) return ofSum(kernel);
  const methods = declaration.members.filter(ts.isMethodDeclaration);
  const method = (name: string) => methods.find((each) => each.name.getText() === name);
  const [update, run] = [method("update"), method("run")];
  if (run) return ofLoop(kernel, run);
  if (!update) throw new Error(`${where} must have a method update or run, or extend Term`);
  rules[kernel] = signatureOf(where, update);
  return ofRule(kernel, rules[kernel], bases.includes("Wide"));
}

function ofSum(kernel: string): string[] {
  return DTYPES.map(
    (dtype) => `export function ${kernel}_${dtype}(n: usize, x: usize, y: usize, z: usize, c: usize): f64 {
  return Reduce.sum<${kernel}<${dtype}>, ${dtype}>(n, x, y, z, c);
}`,
  );
}

function ofLoop(kernel: string, { parameters, type }: ts.MethodDeclaration): string[] {
  const list = parameters.map((parameter) => parameter.getText()).join(", ");
  const names = parameters.map(({ name }) => name.getText()).join(", ");
  const result = type?.getText() ?? "void";
  return DTYPES.map(
    (dtype) => `export function ${kernel}_${dtype}(${list}): ${result === "T" ? dtype : result} {
  ${result === "void" ? "" : "return "}changetype<${kernel}<${dtype}>>(0).run(${names});
}`,
  );
}

/** What a rule's `update` takes: full, p and g by position, then addresses, then scalars. */
function signatureOf(where: string, { parameters }: ts.MethodDeclaration): RuleSignature {
  const rest = parameters.slice(3).map(({ name, type }) => ({ name: name.getText(), type: type?.getText() }));
  const slots = rest.filter(({ type }) => type === "usize").map(({ name }) => name);
  const scalars = rest.filter(({ type }) => type === "v128").map(({ name }) => name);
  if (rest.map(({ name }) => name).join() !== [...slots, ...scalars].join())
    throw new Error(`${where}: update must take full, p, g, then addresses (usize), then scalars (v128)`);
  if (slots.length > SLOTS.length || scalars.length > SCALARS.length)
    throw new Error(`${where}: update may take ${SLOTS.length} more addresses and ${SCALARS.length} scalars`);
  return { slots, scalars };
}

/** An element-wise loop over a rule, behind an adapter that takes all that the loop has. */
function ofRule(kernel: string, { slots, scalars }: RuleSignature, wide: boolean): string[] {
  const typed = (names: readonly string[], type: string) => names.map((name) => `${name}: ${type}`).join(", ");
  const taken = ["full", ...ADDRESSES.slice(0, 2 + slots.length), ...SCALARS.slice(0, scalars.length)].join(", ");
  const adapter = `@final @unmanaged class ${kernel}_rule<T extends number> extends Rule<T> {
  @inline update(full: bool, ${typed(ADDRESSES, "usize")}, ${typed(SCALARS, "v128")}): void {
    changetype<${kernel}<T>>(0).update(${taken});
  }
}`;
  const kernels = DTYPES.map((dtype) => {
    const loop = wide && dtype === "f32" ? "wide" : "run";
    return `export function ${kernel}_${dtype}(n: usize, ${typed([...ADDRESSES, "c"], "usize")}): void {
  Elementwise.${loop}<${kernel}_rule<${dtype}>, ${dtype}>(n, ${ADDRESSES.join(", ")}, c);
}`;
  });
  return [adapter, ...kernels];
}
