import { Presets, SingleBar } from "cli-progress";

/** A bar on stderr; where there is no terminal, a line now and then. */
export function progressBar(label: string): SingleBar {
  const format = ` {bar} {percentage} % ${label}`;
  return new SingleBar({ format, barsize: 30, clearOnComplete: true, noTTYOutput: true }, Presets.shades_classic);
}
