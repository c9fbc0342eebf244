import * as Plot from "@observablehq/plot";
import { plotCurve } from "../../src/plot/index.ts";
import { curves, title } from "./plot.ts";
import { show } from "./show.ts";

const svg = plotCurve(Plot, curves, { title });
// The browser's parser of XML forgives nothing.
const { documentElement: root } = new DOMParser().parseFromString(svg, "image/svg+xml");
const textsOf = (name: string) => Array.from(root.getElementsByTagName(name), ({ textContent }) => textContent);
show({
  root: root.namespaceURI,
  titles: textsOf("title"),
  names: textsOf("text").filter((text) => text !== null && text in curves),
  paths: Array.from(root.querySelectorAll('[aria-label="line"] path'), (path) => path.getAttribute("d")),
});
