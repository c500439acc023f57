/**
 * Packs the extension: loopguard-<version>.vsix at the project's root. Installs and builds first what is missing or stale.
 * `node scripts/package.mjs`, or imported by the tests in real editors.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { root } from "./lib/files.mjs";
import { installWhenMissing } from "./lib/install.mjs";

/** Answers the path of the package. Throws when the build or the packing fails. */
export async function packageExtension() {
  installWhenMissing();
  await build();
  const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const target = join(root, `${name}-${version}.vsix`);
  const vsce = createRequire(import.meta.url).resolve("@vscode/vsce/vsce");
  run(process.execPath, [
    ...[vsce, "package", "--no-dependencies", "--out", target],
    // There is no public repository to rewrite links to, and none to name.
    ...["--allow-missing-repository", "--no-rewrite-relative-links"],
  ]);
  console.log(`${target}: ${Math.ceil(statSync(target).size / 1024)} KB`);
  return target;
}

/** Runs a command quietly; its output is shown only when it fails. */
function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`${[command, ...args].join(" ")} failed\n${error?.message ?? ""}${stdout ?? ""}${stderr ?? ""}`);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await packageExtension();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
