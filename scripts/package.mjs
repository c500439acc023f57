/**
 * Packs the extension: loopguard-<version>.vsix at the project's root. Builds first when a bundle is missing or older
 * than its sources. `node scripts/package.mjs`, or imported by the tests in real editors.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(import.meta.url);
const root = resolve(dirname(here), "..");
const bundles = ["extension.cjs", "loopguard.cjs"].map((name) => join(root, "dist", name));
const sources = ["client/src", "server/src", "grammars", "scripts/build.mjs"].map((name) => join(root, name));

/** Answers the path of the package. Throws when the build or the packing fails. */
export function packageExtension() {
  if (isBuildNeeded()) run("node", [join(root, "scripts", "build.mjs")]);
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

function isBuildNeeded() {
  if (!bundles.every(existsSync)) return true;
  const built = Math.min(...bundles.map((path) => statSync(path).mtimeMs));
  return sources.some((path) => newestIn(path) > built);
}

function newestIn(path) {
  if (!existsSync(path)) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

/** Runs a command quietly; its output is shown only when it fails. */
function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`${[command, ...args].join(" ")} failed\n${error?.message ?? ""}${stdout ?? ""}${stderr ?? ""}`);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === here) {
  try {
    packageExtension();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
