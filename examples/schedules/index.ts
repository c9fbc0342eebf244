/** `npx tsx examples/schedules`: every schedule of the library in one picture. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as Plot from "@observablehq/plot";
import { plotSchedule } from "../../src/plot/index.ts";
import { document, page } from "../picture.ts";
import { gallery, STEPS } from "./gallery.ts";

const title = `The schedules, each over ${STEPS} steps`;

const draw = (hover: boolean) => plotSchedule(Plot, gallery, { count: STEPS + 1, columns: 4, title, hover, document });

const files = {
  "docs/gallery/schedules.svg": `${draw(false)}\n`,
  "build/schedules.html": page(title, draw(true)),
};

for (const [path, content] of Object.entries(files)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  console.log(path);
}
