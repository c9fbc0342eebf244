import type { Browser, LaunchOptions } from "playwright-core";
import { describe, expect, test, vi } from "vitest";
import { launchChromium, type Machine } from "./chromium.ts";

interface Setting {
  readonly platform?: string;
  readonly arch?: string;
  readonly env?: Record<string, string>;
  readonly files?: readonly string[];
  /** Of the files, and NPM for the browser that npm brings, those that run. */
  readonly sound?: readonly string[];
}

const NPM = "npm's";

/** Which browser is launched on such a machine, and which were tried. */
async function launched({ platform = "linux", arch = "x64", env = {}, files = [], sound = [...files, NPM] }: Setting) {
  const tried: string[] = [];
  // The tests are about which is returned, not what it can do.
  const browsers = new Map<string, Browser>(sound.map((path) => [path, Object.create(null)]));
  const machine: Machine = {
    platform,
    arch,
    env,
    isFile: (path) => files.includes(path),
    unpacked: () => ({ executablePath: NPM }),
    async launch({ executablePath = "" }: LaunchOptions) {
      tried.push(executablePath);
      const browser = browsers.get(executablePath);
      if (!browser) throw new Error(`${executablePath} does not run\nand has more to say`);
      return browser;
    },
  };
  const browser = await launchChromium(machine);
  return { browser: [...browsers].find(([, own]) => own === browser)?.[0], tried };
}

const linux = { env: { PATH: "/usr/local/bin:/usr/bin" }, files: ["/usr/bin/chromium", "/usr/bin/google-chrome"] };

describe("the browser of the tests is", () => {
  test("the one that CHROME_PATH names, and no other where that does not run", async () => {
    const env = { ...linux.env, CHROME_PATH: "/mine" };
    expect(await launched({ ...linux, env, sound: ["/mine"] })).toEqual({ browser: "/mine", tried: ["/mine"] });
    await expect(launched({ ...linux, env })).rejects.toThrow("CHROME_PATH: /mine does not run");
    expect(await launched({ env: { CHROME_PATH: "" } })).toEqual({ browser: NPM, tried: [NPM] });
  });

  test("an installed one, the next where one does not run", async () => {
    expect(await launched(linux)).toEqual({ browser: "/usr/bin/chromium", tried: ["/usr/bin/chromium"] });
    expect((await launched({ ...linux, sound: ["/usr/bin/google-chrome", NPM] })).browser).toBe(
      "/usr/bin/google-chrome",
    );
  });

  test("npm's on Linux x64, where none is installed or none of those runs", async () => {
    expect(await launched({})).toEqual({ browser: NPM, tried: [NPM] });
    expect(await launched({ ...linux, sound: [NPM] })).toEqual({ browser: NPM, tried: [...linux.files, NPM] });
  });

  test.each([
    ["linux", { PATH: "/bin" }, "/bin/chromium-browser"],
    ["linux", { PATH: "/bin" }, "/bin/microsoft-edge"],
    ["linux", {}, "/opt/google/chrome/chrome"],
    ["darwin", { HOME: "/Users/a" }, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"],
    ["darwin", { HOME: "/Users/a" }, "/Users/a/Applications/Chromium.app/Contents/MacOS/Chromium"],
    ["darwin", { PATH: "/opt/homebrew/bin" }, "/opt/homebrew/bin/chromium"],
    ["win32", { PROGRAMFILES: "C:\\Program Files" }, "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"],
    ["win32", { "PROGRAMFILES(X86)": "C:\\P86" }, "C:\\P86\\Microsoft\\Edge\\Application\\msedge.exe"],
    ["win32", { LOCALAPPDATA: "C:\\Local" }, "C:\\Local\\Chromium\\Application\\chrome.exe"],
    ["win32", { PATH: "C:\\a;C:\\b" }, "C:\\b\\chrome.exe"],
  ])("on %s with %o, %s", async (platform, env, file) => {
    expect((await launched({ platform, env, files: [file] })).browser).toBe(file);
  });
});

describe("where there is none", () => {
  test.each([
    { platform: "darwin", arch: "arm64" },
    { platform: "linux", arch: "arm64" },
    { platform: "linux", arch: "x64", files: ["/snap/bin/chromium"], sound: [] },
  ])("one line says what to do, and in CI an error: %o", async (setting) => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    expect((await launched(setting)).browser).toBeUndefined();
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^.*CHROME_PATH.*install.*npm.*$/)]]);
    warn.mockClear();
    await expect(launched({ ...setting, env: { CI: "true" } })).rejects.toThrow(/CHROME_PATH/);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});
