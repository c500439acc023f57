/**
 * Opens VS Code with the extension on the example project: `npm run vscode [-- FOLDER]`.
 * With `code` on the PATH the extension is loaded from this checkout; else VS Code is served to a browser from this
 * machine, with the packaged extension installed.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pageOf, prepareHost, prepareProfile, serve } from "../test/e2e/host.mjs";
import { findCommand } from "../test/e2e/processes.mjs";
import { root } from "./lib/files.mjs";
import { packageExtension } from "./package.mjs";

const folder = resolve(process.argv[2] ?? join(root, "examples"));

try {
  await openEditor();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

async function openEditor() {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  const vsix = await packageExtension();
  const code = findCommand("code", "code-insiders", "codium");
  if (code !== undefined) {
    const { status } = spawnSync(code, ["--new-window", `--extensionDevelopmentPath=${root}`, folder], {
      stdio: "inherit",
    });
    process.exitCode = status ?? 1;
    return;
  }
  console.log("There is no `code` on the PATH: VS Code is served to a browser instead.");
  await prepareHost();
  const profile = join(root, "build", "vscode");
  await prepareProfile(profile, vsix);
  const server = await serve(profile, wantedPort());
  console.log(`\nOpen ${pageOf(server.url, folder)}\nCtrl+C ends it.`);
  const ending = await server.exited;
  throw new Error(`VS Code's server ended with ${ending}\n${server.output().slice(-2000)}`);
}

/** A fixed port for those who forward one: `PORT=8080 npm run vscode`. */
function wantedPort() {
  const port = Number(process.env.PORT);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}
