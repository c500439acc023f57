/**
 * Times and contents of files, for build steps that run only when something changed. Knows no step.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Latest change below `path`, in milliseconds; 0 when it does not exist. Folders count too: a deleted file changes its folder. */
export function newestIn(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  const entries = readdirSync(path).filter((name) => name !== "node_modules" && !name.startsWith("."));
  return Math.max(status.mtimeMs, ...entries.map((name) => newestIn(join(path, name))));
}

/** Whether an output is missing or older than one of its sources. Paths are relative to the root. */
export function isStale(outputs, sources) {
  const paths = outputs.map((output) => join(root, output));
  if (!paths.every(existsSync)) return true;
  const oldest = Math.min(...paths.map((path) => statSync(path).mtimeMs));
  return sources.some((source) => newestIn(join(root, source)) > oldest);
}

/** Writes a file so that nobody ever sees half of it. */
export function replaceFile(path, contents, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents, { mode });
  renameSync(fresh, path);
}
