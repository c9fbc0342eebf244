/** Puts what a page found where the test reads it. */
export function show(outcome: unknown): void {
  const output = document.createElement("output");
  output.textContent = JSON.stringify(outcome);
  document.body.append(output);
}
