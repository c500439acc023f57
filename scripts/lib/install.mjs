/**
 * Installs the packages when they are missing or older than the lock file. Uses nothing but node and npm.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./files.mjs";

/** Throws when the installation fails; npm's own words have been printed by then. */
export function installWhenMissing() {
  if (!isInstallNeeded()) return;
  console.log("Installing packages: node_modules is missing or older than package-lock.json.");
  const npm = npmCommand();
  const { status, error } = spawnSync(npm.command, [...npm.args, "ci", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0)
    throw new Error(`\`npm ci\` failed${error ? `: ${error.message}` : "."} What npm says about it stands above.`);
}

/**
 * npm writes node_modules/.package-lock.json at the end of every installation. A lock file that is merely newer (a fresh
 * checkout, another branch and back) is compared package by package: an installation needs the network, a look does not.
 */
function isInstallNeeded() {
  const record = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  if (!existsSync(record)) return true;
  if (statSync(lock).mtimeMs <= statSync(record).mtimeMs) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(lock, "utf8")).packages);
  return wanted.some(
    ([path, { version, optional, link }]) =>
      path.includes("node_modules/") && !optional && !link && installed[path]?.version !== version,
  );
}

/** The npm that runs us, else the one on the PATH, through a shell only where Windows needs one. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running?.endsWith(".js")) return { command: process.execPath, args: [running] };
  return process.platform === "win32" ? { command: "cmd.exe", args: ["/d", "/s", "/c", "npm"] } : { command: "npm", args: [] };
}
