/** A browser for tests, on any machine: one that is named, else one that is installed, else the one that npm brings. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { posix, resolve, win32 } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  isFile(path: string): boolean;
  /** The options that launch the browser of npm, which this unpacks. */
  unpacked(): LaunchOptions;
  launch(options: LaunchOptions): Promise<Browser>;
}

const WAYS =
  "no browser runs here: set CHROME_PATH to Chromium, Chrome or Edge, or install one of them; on Linux x64, npm ci brings one";

const COMMANDS = [
  ...["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"],
  ...["microsoft-edge", "microsoft-edge-stable", "msedge"],
];

/** Where installers put Chromium, Chrome and Edge, but for what they put on the path. */
function usualPlaces({ platform, env }: Machine): string[] {
  if (platform === "darwin") {
    const apps = ["Chromium", "Google Chrome", "Microsoft Edge"].map((app) => `${app}.app/Contents/MacOS/${app}`);
    return ["", env.HOME ?? ""].flatMap((home) => apps.map((app) => `${home}/Applications/${app}`));
  }
  if (platform === "win32") {
    const apps = [
      "Chromium\\Application\\chrome",
      "Google\\Chrome\\Application\\chrome",
      "Microsoft\\Edge\\Application\\msedge",
    ];
    const folders = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA];
    return folders.flatMap((folder) => apps.map((app) => `${folder}\\${app}.exe`));
  }
  return ["/opt/google/chrome/chrome", "/opt/microsoft/msedge/msedge", "/snap/bin/chromium"];
}

/** The installed browsers, those on the path first. */
function installed(machine: Machine): string[] {
  const { join, delimiter } = machine.platform === "win32" ? win32 : posix;
  const end = machine.platform === "win32" ? ".exe" : "";
  const folders = (machine.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const onPath = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, `${command}${end}`)));
  return [...new Set([...onPath, ...usualPlaces(machine)])].filter(machine.isFile);
}

/**
 * The headless Chromium of @sparticuz/chromium, with the libraries that a bare Linux lacks, which are those it has for AWS. It unpacks to
 * the folder for temporary files and takes what lies there for whole, hence a folder of its own, named when all is in it.
 */
function unpacked(): LaunchOptions {
  const manifest = readFileSync("node_modules/@sparticuz/chromium/package.json", "utf8");
  const folder = resolve(`build/chromium-${JSON.parse(manifest).version}`);
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    const script = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();';
    const env = { ...process.env, TMPDIR: draft, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" };
    execFileSync(process.execPath, ["--input-type=module", "--eval", script], { env });
    // Its own looks for the fonts in /tmp.
    writeFileSync(`${draft}/fonts/fonts.conf`, '<fontconfig><dir prefix="relative">fonts</dir></fontconfig>\n');
    // Another process may have been as far.
    if (existsSync(folder)) rmSync(draft, { recursive: true });
    else renameSync(draft, folder);
  }
  const libraries = [`${folder}/al2023/lib`, process.env.LD_LIBRARY_PATH ?? ""].filter((path) => path !== "").join(":");
  return {
    executablePath: `${folder}/chromium`,
    args: ["--headless=shell", "--no-zygote"],
    env: { ...process.env, LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: `${folder}/fonts` },
  };
}

/** Without the last two, Chromium looks for Google's hosts; without the first, it does not run as root. */
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];

const here: Machine = {
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
  unpacked,
  launch: (options) => chromium.launch({ ...options, args: [...ARGS, ...(options.args ?? [])] }),
};

/** Undefined, with a line that says so, where none runs; in CI an error. */
export async function launchChromium(machine: Machine = here): Promise<Browser | undefined> {
  const { env, platform, arch } = machine;
  if (env.CHROME_PATH) {
    return machine.launch({ executablePath: env.CHROME_PATH }).catch((error) => {
      throw new Error(`CHROME_PATH: ${error.message}`, { cause: error });
    });
  }
  const choices = installed(machine).map((executablePath) => (): LaunchOptions => ({ executablePath }));
  if (platform === "linux" && arch === "x64") choices.push(machine.unpacked);
  const failures: string[] = [];
  for (const choice of choices) {
    try {
      return await machine.launch(choice());
    } catch (error) {
      failures.push(String(error));
    }
  }
  if (env.CI) throw new Error([WAYS, ...failures].join("\n"));
  console.warn([WAYS, ...failures.map((failure) => failure.split("\n")[0])].join("; "));
  return undefined;
}
