import { fileURLToPath } from "node:url";
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { build, preview } from "vite";
import { afterAll, test as always, beforeAll, expect } from "vitest";
import { plotCurve } from "../src/plot/index.ts";
import { descend } from "./browser/core.ts";
import { curves, title } from "./browser/plot.ts";
import { type Training, train } from "./browser/tfjs.ts";
import { launchChromium } from "./chromium.ts";

const root = fileURLToPath(new URL("browser", import.meta.url));
const outDir = fileURLToPath(new URL("../build/browser", import.meta.url));

const browser = await launchChromium();
const test = always.runIf(browser);

beforeAll(async () => {
  const input = ["core.html", "plot.html", "tfjs.html"].map((page) => `${root}/${page}`);
  // TensorFlow.js gives its workers the text of a function, which does not survive being made small.
  const options = { outDir, emptyOutDir: true, minify: false, target: "esnext", rollupOptions: { input } };
  await build({ root, configFile: false, logLevel: "error", build: options });
});

afterAll(() => browser?.close());

interface Visit {
  readonly shown: unknown;
  /** The WebAssembly files that it fetched. */
  readonly files: readonly string[];
}

/** A page, served with these headers. */
async function visit(page: string, headers: Record<string, string>): Promise<Visit> {
  if (!browser) throw new Error("there is no browser");
  const server = await preview({
    root,
    configFile: false,
    logLevel: "error",
    build: { outDir },
    preview: { port: 0, headers },
  });
  const tab = await browser.newPage();
  const files: string[] = [];
  tab.on("request", (request) => files.push(...(/[\w-]+(?=-\w{8}\.wasm$)/.exec(request.url()) ?? [])));
  try {
    const failure = new Promise<never>((_, reject) => tab.on("pageerror", reject));
    await tab.goto(`${server.resolvedUrls?.local[0]}${page}`);
    const text = await Promise.race([tab.locator("output").textContent(), failure]);
    return { shown: JSON.parse(String(text)), files };
  } finally {
    await tab.close();
    await server.close();
  }
}

const isolating = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

test("TensorFlow.js in a page is trained in its own memory, to the bits of Node", async () => {
  const here = await train();
  expect(here).toMatchObject({ inPlace: true, iterations: 20 });
  expect(here.losses[19]).toBeLessThan(here.losses[0] / 2);
  const { shown, files } = await visit("tfjs.html", {});
  expect(shown).toEqual({ ...here, tensors: expect.anything() });
  expect(new Set((shown as Training).tensors.slice(1)).size).toBe(1);
  expect(files).toEqual(["tfjs-backend-wasm-simd"]);
});

test("TensorFlow.js with threads is trained in the memory that they share, to the same bits", async () => {
  const here = await train();
  const { shown, files } = await visit("tfjs.html", isolating);
  expect(shown).toEqual({ ...here, isolated: true, tensors: expect.anything() });
  expect(new Set((shown as Training).tensors.slice(1)).size).toBe(1);
  expect(new Set(files)).toEqual(new Set(["tfjs-backend-wasm-threaded-simd"]));
});

const policies = [
  { policy: "none", backend: "wasm", headers: {} },
  { policy: "script-src 'self'", backend: "plain", headers: { "Content-Security-Policy": "script-src 'self'" } },
] as const;

test.each(policies)("policy $policy: the main thread has $backend, to the bits of Node", async (policy) => {
  const here = descend();
  const { shown } = await visit("core.html", policy.headers);
  expect(shown).toEqual({ ...here, backend: policy.backend });
});

test("a picture is drawn with the page's own document: XML, with the lines of Node", async () => {
  const { document } = parseHTML("<html></html>");
  const here = plotCurve(Plot, curves, { title, document });
  const { shown } = await visit("plot.html", {});
  expect(shown).toEqual({
    root: "http://www.w3.org/2000/svg",
    titles: [title],
    names: Object.keys(curves),
    paths: [...here.matchAll(/ d="(M[^"]*)"/g)]
      .map(([, path]) => path)
      .filter((path) => path.includes("L") && !path.startsWith("M0,0")),
  });
});
