import ts from "typescript";

/** A statement against the published types, and text of the error it must give; none means it compiles. */
export type Statement = readonly [string, string | undefined];

const file = "test/fixtures/statements.ts";

/**
 * The errors that statements give, by their indices, and under −1 what is wrong elsewhere.
 *
 * @param imports on one line
 */
export function errorsOf(
  imports: string,
  statements: readonly Statement[],
  options: ts.CompilerOptions = {},
): ReadonlyMap<number, string> {
  const source = statements.map(([statement]) => `{ ${statement}; }`).join("\n");
  const host = ts.createCompilerHost({});
  const { getSourceFile, fileExists } = host;
  const text = `${imports} ${source}\n`;
  host.fileExists = (path) => path === file || fileExists(path);
  host.getSourceFile = (path, target) =>
    path === file ? ts.createSourceFile(path, text, target, true) : getSourceFile.call(host, path, target);
  const program = ts.createProgram(
    [file],
    {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: [],
      ...options,
    },
    host,
  );
  const errors = new Map<number, string>();
  for (const { file: where, start, messageText } of ts.getPreEmitDiagnostics(program)) {
    const own = where?.fileName === file && start !== undefined;
    const line = own ? where.getLineAndCharacterOfPosition(start).line : -1;
    errors.set(line, `${errors.get(line) ?? ""}${ts.flattenDiagnosticMessageText(messageText, "\n")}\n`);
  }
  return errors;
}
