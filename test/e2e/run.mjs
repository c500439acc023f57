/**
 * The packaged extension and the server in real editors: VS Code in a browser, Neovim, Emacs.
 *
 *   node test/e2e/run.mjs [--only vscode,views,inside,worker,neovim,emacs] [--vsix FILE] [--server FILE] [--readme-pictures]
 *
 * `vscode` types and clicks, `views` uses the keyboard alone, `inside` asks through the interface that extensions have; `worker` runs
 * the server in a page, with no editor. Pictures of what was seen are left in build/screenshots. Installs what is missing; what
 * cannot be installed here is skipped by name.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { emacsSteps, testEmacs } from "./emacs.mjs";
import { prepareHost } from "./host.mjs";
import { insideSteps, testInside } from "./inside.mjs";
import { neovimSteps, testNeovim } from "./neovim.mjs";
import { findCommand, runProcess } from "./processes.mjs";
import { Steps } from "./steps.mjs";
import { testViews, viewsSteps } from "./views.mjs";
import { testVsCode, vscodeSteps } from "./vscode.mjs";
import { testWorker, workerSteps } from "./worker.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "neovim,emacs,worker,vscode,views,inside" },
    vsix: { type: "string" },
    server: { type: "string", default: join(root, "dist", "loopguard.cjs") },
    "readme-pictures": { type: "boolean", default: false },
  },
});

/** Debian's packages for each part, and a command that shows they are there. */
const browser = { commands: ["chromium", "chromium-browser", "google-chrome"], packages: ["chromium", "fonts-dejavu-core"] };
const editors = {
  vscode: browser,
  views: browser,
  inside: browser,
  worker: browser,
  neovim: { commands: ["nvim"], packages: ["neovim"] },
  emacs: { commands: ["emacs"], packages: ["emacs-nox", "elpa-eglot"] },
};

const chosen = options.only.split(",");
const unknown = chosen.filter((name) => !(name in editors));
if (unknown.length > 0) {
  console.error(`Unknown part: ${unknown.join(", ")}. Known are ${Object.keys(editors).join(", ")}.`);
  process.exit(2);
}

const steps = new Steps();
const workFolder = mkdtempSync(join(tmpdir(), "loopguard-e2e-"));
try {
  await installEditors();
  const inBrowser = Object.entries({ vscode: testVsCode, views: testViews, inside: testInside }).filter(([name]) =>
    chosen.includes(name),
  );
  const vsix = inBrowser.length > 0 || !existsSync(options.server) ? await packageExtension() : undefined;
  if (chosen.includes("neovim")) {
    await attempt("neovim", neovimSteps(), (nvim) => testNeovim({ steps, nvim, server: options.server, workFolder }));
  }
  if (chosen.includes("emacs")) {
    await attempt("emacs", emacsSteps(), (emacs) => testEmacs({ steps, emacs, server: options.server, workFolder }));
  }
  if (chosen.includes("worker")) {
    const distribution = dirname(options.server);
    await attempt("worker", workerSteps(), async (chromium) => {
      await prepareHost();
      await testWorker({ steps, chromium, distribution });
    });
  }
  const names = { vscode: vscodeSteps(), views: viewsSteps(), inside: insideSteps() };
  for (const [part, test] of inBrowser) {
    await attempt(part, names[part], async (chromium) => {
      await prepareHost();
      const screenshots = join(root, "build", "screenshots");
      await test({ steps, vsix, chromium, workFolder: join(workFolder, part), screenshots });
    });
  }
  const chromium = findCommand(...browser.commands);
  if (options["readme-pictures"] && chromium !== undefined) {
    const { takeReadmePictures } = await import("./picture.mjs");
    await takeReadmePictures({ root, vsix, chromium, workFolder: join(workFolder, "picture") });
  }
} catch (error) {
  steps.fail("preparation", error instanceof Error ? error.message : String(error));
} finally {
  rmSync(workFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
console.log(`\n${steps.passed} passed, ${steps.failed} failed, ${steps.skipped} skipped`);
process.exit(steps.failed > 0 ? 1 : 0);

/** Runs one editor's steps; what it does not reach counts as failed, an editor that is not there as skipped. */
async function attempt(name, names, action) {
  const command = findCommand(...editors[name].commands);
  if (command === undefined) {
    const wanted = editors[name].packages.join(" ");
    for (const step of names) steps.skip(step, `not installed; as root, apt-get install ${wanted}`);
    return;
  }
  const before = steps.passed + steps.failed;
  try {
    await action(command);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    for (const step of names.slice(steps.passed + steps.failed - before)) steps.fail(step, reason);
  }
}

async function installEditors() {
  const missing = new Set(chosen.map((name) => editors[name]).filter(({ commands }) => findCommand(...commands) === undefined));
  if (missing.size === 0) return;
  const packages = [...missing].flatMap((editor) => editor.packages);
  const apt = findCommand("apt-get");
  if (apt === undefined || process.getuid?.() !== 0) {
    console.log(`Not installed: ${packages.join(" ")} (this needs root and apt-get).`);
    return;
  }
  console.log(`Installing ${packages.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await runProcess(apt, ["update", "-qq"], { env, seconds: 60 });
    await runProcess(apt, ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env, seconds: 150 });
  } catch (error) {
    console.log(error.message);
  }
}

async function packageExtension() {
  if (options.vsix !== undefined) return resolve(options.vsix);
  const { packageExtension: build } = await import("../../scripts/package.mjs");
  return build();
}
